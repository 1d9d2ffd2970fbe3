#include "log/filter.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace iggy::server::log {
namespace {

constexpr std::array<std::pair<std::string_view, level>, 6> level_names{{
    {"TRACE", level::trace},
    {"DEBUG", level::debug},
    {"INFO", level::info},
    {"WARN", level::warn},
    {"ERROR", level::error},
    {"OFF", level::off},
}};

char to_upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

std::string_view trim(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool is_target(std::string_view text) {
    const auto fits = [](char c) {
        const char upper = to_upper(c);
        return (upper >= 'A' && upper <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == ':' ||
               c == '-' || c == '.';
    };
    return !text.empty() && std::ranges::all_of(text, fits);
}

/// The end of the first directive: a comma that is not within brackets or braces.
std::size_t directive_end(std::string_view text) {
    int depth = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        depth += c == '[' || c == '{' ? 1 : c == ']' || c == '}' ? -1 : 0;
        if (c == ',' && depth <= 0) {
            return at;
        }
    }
    return text.size();
}

}  // namespace

std::string_view name_of(level severity) {
    return level_names.at(static_cast<std::size_t>(severity)).first;
}

std::optional<level> parse_level(std::string_view text) {
    for (const auto& [name, severity] : level_names) {
        if (std::ranges::equal(text, name, {}, to_upper)) {
            return severity;
        }
    }
    return std::nullopt;
}

filter filter::parse(std::string_view text, std::vector<std::string>& complaints) {
    filter made;
    while (!text.empty()) {
        const std::size_t end = directive_end(text);
        made.add(trim(text.substr(0, end)), complaints);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (made.directives_.empty()) {
        made.directives_.push_back({"", level::error});
    }
    std::ranges::sort(made.directives_, [](const directive& left, const directive& right) {
        return left.target.size() > right.target.size();
    });
    for (const directive& each : made.directives_) {
        made.lowest_ = std::min(made.lowest_, each.least);
    }
    return made;
}

void filter::add(std::string_view text, std::vector<std::string>& complaints) {
    if (text.empty()) {
        return;
    }
    const auto complain = [&complaints, text](std::string_view why) {
        complaints.push_back("log filter: directive \"" + std::string{text} +
                             "\" is ignored: " + std::string{why});
    };
    std::string_view target;
    auto least = parse_level(text);
    if (!least) {
        const std::size_t equals = text.rfind('=');
        target = text.substr(0, equals);
        least =
            equals == std::string_view::npos ? level::trace : parse_level(text.substr(equals + 1));
        if (text.find('[') != std::string_view::npos) {
            return complain("this log has no spans");
        }
        if (!least) {
            return complain("the level is none of trace, debug, info, warn, error, off");
        }
        if (!is_target(target)) {
            return complain("it is neither a level nor target=level");
        }
    }
    std::erase_if(directives_, [target](const directive& each) { return each.target == target; });
    directives_.push_back({std::string{target}, *least});
}

bool filter::passes(level severity, std::string_view target) const noexcept {
    for (const directive& each : directives_) {
        if (target.starts_with(each.target)) {
            return severity >= each.least;
        }
    }
    return false;
}

}  // namespace iggy::server::log
