#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include "report.hpp"

/// What people read while and after a run.
namespace iggy::bench {

/// Prints lines and keeps them for the result directory.
class console {
public:
    explicit console(std::FILE* to) noexcept : to_{to} {}
    void line(const std::string& text);
    const std::string& text() const noexcept { return text_; }

private:
    std::FILE* to_;
    std::string text_;
};

std::string start_text(const bench_command& command);
std::string actor_text(const actor_summary& actor, const workload& work);
/// Header, groups, costs, share of the limit.
std::string summary_text(const report& of);
/// The actors and groups as tables, instead of lines.
std::string tables_text(const target_figures& figures);

/// `Producers Results`: what the line of a group begins with.
std::string_view title_of(group_kind kind) noexcept;

}  // namespace iggy::bench
