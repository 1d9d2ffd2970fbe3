#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "log/level.hpp"

namespace iggy::server::log {

/// Decides by target and level which lines are written. Immutable once made.
class filter {
public:
    /// Reads a comma list of `level` and `target=level`; a bare target lets everything of it pass.
    /// Directives that make no sense are skipped, with a word in `complaints`. An empty list lets
    /// errors pass. Source of the grammar: tracing-subscriber's EnvFilter, as Apache Iggy uses it.
    static filter parse(std::string_view text, std::vector<std::string>& complaints);

    /// The directive with the longest target that `target` starts with decides.
    bool passes(level severity, std::string_view target) const noexcept;

    /// The least grave level that passes for some target: a quick no for anything below.
    level lowest() const noexcept { return lowest_; }

private:
    struct directive {
        std::string target;
        level least;
    };
    void add(std::string_view text, std::vector<std::string>& complaints);

    std::vector<directive> directives_;  // the longest target first
    level lowest_ = level::off;
};

}  // namespace iggy::server::log
