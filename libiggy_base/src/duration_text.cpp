#include <iggy/base/duration_text.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>

namespace iggy {
namespace {

__extension__ using wide_number = unsigned __int128;

constexpr std::uint64_t second_ns = 1'000'000'000;
constexpr std::uint64_t day_ns = 86'400 * second_ns;
constexpr std::uint64_t month_ns = 2'630'016 * second_ns;  // 30.44 days
constexpr std::uint64_t year_ns = 31'557'600 * second_ns;  // 365.25 days
constexpr std::uint64_t duration_ns_max = std::numeric_limits<std::int64_t>::max();

struct duration_unit {
    std::string_view name;
    std::uint64_t ns;
};

constexpr std::array duration_units{
    duration_unit{"ns", 1},
    duration_unit{"nsec", 1},
    duration_unit{"nanos", 1},
    duration_unit{"us", 1'000},
    duration_unit{"usec", 1'000},
    duration_unit{"\u00b5s", 1'000},
    duration_unit{"ms", 1'000'000},
    duration_unit{"msec", 1'000'000},
    duration_unit{"millis", 1'000'000},
    duration_unit{"s", second_ns},
    duration_unit{"sec", second_ns},
    duration_unit{"secs", second_ns},
    duration_unit{"second", second_ns},
    duration_unit{"seconds", second_ns},
    duration_unit{"m", 60 * second_ns},
    duration_unit{"min", 60 * second_ns},
    duration_unit{"mins", 60 * second_ns},
    duration_unit{"minute", 60 * second_ns},
    duration_unit{"minutes", 60 * second_ns},
    duration_unit{"h", 3'600 * second_ns},
    duration_unit{"hr", 3'600 * second_ns},
    duration_unit{"hrs", 3'600 * second_ns},
    duration_unit{"hour", 3'600 * second_ns},
    duration_unit{"hours", 3'600 * second_ns},
    duration_unit{"d", day_ns},
    duration_unit{"day", day_ns},
    duration_unit{"days", day_ns},
    duration_unit{"w", 7 * day_ns},
    duration_unit{"wk", 7 * day_ns},
    duration_unit{"wks", 7 * day_ns},
    duration_unit{"week", 7 * day_ns},
    duration_unit{"weeks", 7 * day_ns},
    duration_unit{"M", month_ns},
    duration_unit{"month", month_ns},
    duration_unit{"months", month_ns},
    duration_unit{"y", year_ns},
    duration_unit{"yr", year_ns},
    duration_unit{"yrs", year_ns},
    duration_unit{"year", year_ns},
    duration_unit{"years", year_ns},
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
/// Letters, and the two bytes of the micro sign.
bool is_unit_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           static_cast<unsigned char>(c) >= 0x80;
}

/// A run of digits, possibly with blanks between them, as decimal digits without the blanks.
std::string take_digits(std::string_view text, std::size_t& at) {
    std::string digits;
    while (at < text.size() && (is_digit(text[at]) || is_space(text[at]))) {
        if (is_digit(text[at])) {
            digits.push_back(text[at]);
        }
        ++at;
    }
    return digits;
}

std::optional<std::uint64_t> to_number(std::string_view digits) {
    std::uint64_t number = 0;
    for (const char digit : digits) {
        const auto value = static_cast<std::uint64_t>(digit - '0');
        if (number > (duration_ns_max - value) / 10) {
            return std::nullopt;
        }
        number = number * 10 + value;
    }
    return number;
}

text_error too_long() { return {"it is longer than 292 years"}; }

/// `0.digits` of a unit. Hours and longer keep to whole seconds, as humantime does.
text_result<std::uint64_t> fraction_ns(std::string digits, const duration_unit& unit) {
    constexpr std::size_t exact_digits_max = 12;  // a minute, the longest, has 2^11 nanoseconds
    digits.erase(digits.find_last_not_of('0') + 1);
    const bool seconds_only = unit.ns >= 3'600 * second_ns;
    const std::uint64_t step = seconds_only ? second_ns : 1;
    wide_number scale = 1;
    for (std::size_t i = 0; i < std::min(digits.size(), exact_digits_max); ++i) {
        scale *= 10;
    }
    const std::string_view kept = std::string_view{digits}.substr(0, exact_digits_max);
    const wide_number steps = wide_number{*to_number(kept)} * (unit.ns / step);
    if (digits.size() > exact_digits_max || steps % scale != 0) {
        return text_error{"0." + digits + " " + std::string{unit.name} +
                          " is not a whole number of " +
                          (seconds_only ? "seconds" : "nanoseconds")};
    }
    return static_cast<std::uint64_t>(steps / scale) * step;
}

const duration_unit* find_unit(std::string_view name) {
    const auto* found = std::ranges::find(duration_units, name, &duration_unit::name);
    return found == duration_units.end() ? nullptr : found;
}

/// One number with its unit, starting at `at`, which moves behind it.
text_result<std::uint64_t> take_item(std::string_view text, std::size_t& at) {
    const std::string digits = take_digits(text, at);
    if (digits.empty()) {
        return text_error{"a number was expected at \"" + std::string{text.substr(at)} + "\""};
    }
    std::optional<std::string> fraction;
    if (at < text.size() && text[at] == '.') {
        ++at;
        fraction = take_digits(text, at);
        if (fraction->empty()) {
            return text_error{"digits were expected after the decimal point"};
        }
    }
    const std::size_t unit_at = at;
    while (at < text.size() && is_unit_char(text[at])) {
        ++at;
    }
    const std::string_view name = text.substr(unit_at, at - unit_at);
    if (name.empty()) {
        return at == text.size()
                   ? text_error{"the number " + digits + " has no unit"}
                   : text_error{std::string{"unexpected character '"} + text[at] + "'"};
    }
    const duration_unit* unit = find_unit(name);
    if (unit == nullptr) {
        return text_error{"unknown unit \"" + std::string{name} + "\""};
    }
    const auto whole = to_number(digits);
    if (!whole || *whole > duration_ns_max / unit->ns) {
        return too_long();
    }
    std::uint64_t ns = *whole * unit->ns;
    if (fraction) {
        if (unit->ns == 1) {
            return text_error{"nanoseconds cannot have a fraction"};
        }
        const auto part = fraction_ns(*fraction, *unit);
        if (!part) {
            return part.error();
        }
        if (*part > duration_ns_max - ns) {
            return too_long();
        }
        ns += *part;
    }
    return ns;
}

void append_part(std::string& text, std::uint64_t count, std::string_view unit, bool plural) {
    if (count == 0) {
        return;
    }
    if (!text.empty()) {
        text += ' ';
    }
    text += std::to_string(count);
    text += unit;
    if (plural && count > 1) {
        text += 's';
    }
}

}  // namespace

text_result<std::chrono::nanoseconds> parse_duration_case_sensitive(std::string_view text) {
    while (!text.empty() && is_space(text.back())) {
        text.remove_suffix(1);
    }
    std::size_t at = 0;
    if (text.empty()) {
        return text_error{"it is empty"};
    }
    std::uint64_t sum = 0;
    while (at < text.size()) {
        const auto item = take_item(text, at);
        if (!item) {
            return item.error();
        }
        if (*item > duration_ns_max - sum) {
            return too_long();
        }
        sum += *item;
    }
    return std::chrono::nanoseconds{static_cast<std::int64_t>(sum)};
}

text_result<std::chrono::nanoseconds> parse_duration(std::string_view text) {
    std::string lower{text};
    for (char& c : lower) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    for (const std::string_view zero : {"0", "none", "unlimited", "disabled"}) {
        if (lower == zero) {
            return std::chrono::nanoseconds{0};
        }
    }
    return parse_duration_case_sensitive(lower);
}

std::string format_duration(std::chrono::nanoseconds duration) {
    if (duration.count() <= 0) {
        return "0s";
    }
    auto rest = static_cast<std::uint64_t>(duration.count());
    const auto take = [&rest](std::uint64_t unit_ns) {
        const std::uint64_t count = rest / unit_ns;
        rest %= unit_ns;
        return count;
    };
    std::string text;
    append_part(text, take(year_ns), "year", true);
    append_part(text, take(month_ns), "month", true);
    append_part(text, take(day_ns), "day", true);
    append_part(text, take(3'600 * second_ns), "h", false);
    append_part(text, take(60 * second_ns), "m", false);
    append_part(text, take(second_ns), "s", false);
    append_part(text, take(1'000'000), "ms", false);
    append_part(text, take(1'000), "us", false);
    append_part(text, rest, "ns", false);
    return text;
}

}  // namespace iggy
