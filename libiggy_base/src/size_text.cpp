#include <iggy/base/size_text.hpp>

#include <array>
#include <cstdio>
#include <limits>
#include <optional>

namespace iggy {
namespace {

__extension__ using wide_number = unsigned __int128;

constexpr std::string_view prefixes = "KMGTPE";
constexpr std::size_t fraction_digits_max = 18;
constexpr std::uint64_t size_max = std::numeric_limits<std::uint64_t>::max();

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
char to_upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

struct size_unit {
    std::uint64_t multiplier = 1;
    bool bits = false;
};

std::optional<size_unit> parse_unit(std::string_view name) {
    size_unit unit;
    if (!name.empty()) {
        const std::size_t power = prefixes.find(to_upper(name.front()));
        if (power != std::string_view::npos) {
            name.remove_prefix(1);
            const bool binary = !name.empty() && to_upper(name.front()) == 'I';
            name.remove_prefix(binary ? 1 : 0);
            for (std::size_t i = 0; i <= power; ++i) {
                unit.multiplier *= binary ? 1024 : 1000;
            }
        }
    }
    if (name.empty() || name == "B") {
        return unit;
    }
    std::string base{name};
    for (char& c : base) {
        c = to_upper(c);
    }
    unit.bits = name == "b" || base == "BIT" || base == "BITS";
    return unit.bits ? std::optional{unit} : std::nullopt;
}

std::string_view take_digits(std::string_view& text) {
    std::size_t length = 0;
    while (length < text.size() && is_digit(text[length])) {
        ++length;
    }
    const std::string_view digits = text.substr(0, length);
    text.remove_prefix(length);
    return digits;
}

/// The number that the digits show; nothing when it passes 64 bits.
std::optional<std::uint64_t> to_number(std::string_view digits) {
    std::uint64_t number = 0;
    for (const char digit : digits) {
        const auto value = static_cast<std::uint64_t>(digit - '0');
        if (number > (size_max - value) / 10) {
            return std::nullopt;
        }
        number = number * 10 + value;
    }
    return number;
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && is_space(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_space(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

text_result<std::uint64_t> to_bytes(std::uint64_t whole, std::string_view fraction,
                                    size_unit unit) {
    wide_number scale = 1;
    for (std::size_t i = 0; i < fraction.size(); ++i) {
        scale *= 10;
    }
    const wide_number part = wide_number{*to_number(fraction)} * unit.multiplier;
    wide_number total = wide_number{whole} * unit.multiplier + part / scale;
    total += part % scale != 0 ? 1 : 0;
    if (unit.bits) {
        total = (total + 7) / 8;
    }
    if (total > size_max) {
        return text_error{"it is more than 64 bits can count"};
    }
    return static_cast<std::uint64_t>(total);
}

}  // namespace

text_result<std::uint64_t> parse_byte_size(std::string_view text) {
    text = trim(text);
    if (text.empty()) {
        return text_error{"it is empty"};
    }
    const std::string_view digits = take_digits(text);
    if (digits.empty()) {
        return text_error{"it does not start with a digit"};
    }
    std::string_view fraction;
    if (!text.empty() && text.front() == '.') {
        text.remove_prefix(1);
        fraction = take_digits(text);
        if (fraction.empty()) {
            return text_error{"digits were expected after the decimal point"};
        }
        const std::size_t last = fraction.find_last_not_of('0');
        fraction = last == std::string_view::npos ? "" : fraction.substr(0, last + 1);
        if (fraction.size() > fraction_digits_max) {
            return text_error{"its fraction has too many digits"};
        }
    }
    while (!text.empty() && text.front() == ' ') {
        text.remove_prefix(1);
    }
    const auto unit = parse_unit(text);
    if (!unit) {
        return text_error{"unknown unit \"" + std::string{text} + "\""};
    }
    const auto whole = to_number(digits);
    if (!whole) {
        return text_error{"it is more than 64 bits can count"};
    }
    return to_bytes(*whole, fraction, *unit);
}

text_result<std::uint64_t> parse_byte_size_or_unlimited(std::string_view text) {
    for (const std::string_view zero : {"0", "unlimited", "Unlimited", "none", "None"}) {
        if (text == zero) {
            return std::uint64_t{0};
        }
    }
    return parse_byte_size(text);
}

std::string format_byte_size(std::uint64_t bytes) {
    if (bytes < 1000) {
        return std::to_string(bytes) + " B";
    }
    std::uint64_t unit = 1000;
    std::size_t power = 0;
    while (power + 1 < prefixes.size() && bytes / unit >= 1000) {
        unit *= 1000;
        ++power;
    }
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.2f %cB",
                  static_cast<double>(bytes) / static_cast<double>(unit), prefixes[power]);
    return text.data();
}

std::string format_byte_size_exactly(std::uint64_t bytes) {
    for (std::size_t power = prefixes.size(); power-- > 0;) {
        for (const std::uint64_t base : {1024U, 1000U}) {
            wide_number unit = 1;
            for (std::size_t i = 0; i <= power; ++i) {
                unit *= base;
            }
            const wide_number thousandths = wide_number{bytes} * 1000;
            if (bytes < unit || thousandths % unit != 0) {
                continue;
            }
            const auto shown = static_cast<std::uint64_t>(thousandths / unit);
            std::string text = std::to_string(shown / 1000);
            if (shown % 1000 != 0) {
                std::string decimals = std::to_string(1000 + shown % 1000).substr(1);
                decimals.erase(decimals.find_last_not_of('0') + 1);
                text += '.' + decimals;
            }
            return text + ' ' + prefixes[power] + (base == 1024 ? "iB" : "B");
        }
    }
    return std::to_string(bytes) + " B";
}

}  // namespace iggy
