#include "config/codecs.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <iggy/base/duration_text.hpp>
#include <iggy/base/size_text.hpp>

#include "config/toml_text.hpp"

namespace iggy::server::codec {
namespace {

bool same_ignoring_case(std::string_view left, std::string_view right) {
    const auto lower = [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    return std::ranges::equal(left, right, {}, lower, lower);
}

/// Whether the bytes are UTF-8, so that the runtime file can hold them.
bool is_utf8(std::string_view text) {
    constexpr std::array<std::uint32_t, 4> least{0, 0x80, 0x800, 0x10000};
    for (std::size_t at = 0; at < text.size();) {
        const auto lead = static_cast<unsigned char>(text[at]);
        const std::size_t more = lead < 0x80 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
        if ((lead >= 0x80 && lead < 0xc2) || lead > 0xf4 || text.size() - at <= more) {
            return false;
        }
        std::uint32_t point = more == 0 ? lead : lead & (0x3fU >> more);
        for (std::size_t i = 1; i <= more; ++i) {
            const auto next = static_cast<unsigned char>(text[at + i]);
            if ((next & 0xc0U) != 0x80) {
                return false;
            }
            point = (point << 6U) | (next & 0x3fU);
        }
        if (point < least[more] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) {
            return false;
        }
        at += more + 1;
    }
    return true;
}

/// The characters of a text, whether TOML quoted it or the environment holds it.
const std::string* text_of(const config_value& value) {
    if (const auto* raw = value.as<config_value::raw_text>()) {
        return &raw->text;
    }
    return value.as<std::string>();
}

/// Passes the text of `value` to `parse`.
template <class Parse>
auto parse_text(const config_value& value, Parse parse) -> decltype(parse(std::string_view{})) {
    const std::string* text = text_of(value);
    if (text == nullptr) {
        return text_error{"it is not a text in quotes"};
    }
    return parse(*text);
}

template <class Number>
read_result<Number> in_bounds(std::uint64_t number, Number min, Number max) {
    if (number < min || number > max) {
        return text_error{"it is out of range"};
    }
    return static_cast<Number>(number);
}

/// A number without sign, from a TOML integer or digits of the environment.
read_result<std::uint64_t> read_number(const config_value& value) {
    if (const auto* number = value.as<std::int64_t>()) {
        if (*number < 0) {
            return text_error{"it is negative"};
        }
        return static_cast<std::uint64_t>(*number);
    }
    if (const auto* raw = value.as<config_value::raw_text>()) {
        std::uint64_t number = 0;
        const char* end = raw->text.data() + raw->text.size();
        const auto [at, failure] = std::from_chars(raw->text.data(), end, number);
        if (failure == std::errc{} && at == end) {
            return number;
        }
    }
    return text_error{"it is not a whole number"};
}

/// The bytes of a bare number, or what `parse` makes of a text.
template <class Parse>
auto number_or_text(const config_value& value, Parse parse) -> decltype(parse(std::string_view{})) {
    if (const auto* number = value.as<std::int64_t>()) {
        return parse(std::to_string(*number));
    }
    return parse_text(value, parse);
}

template <class Enum>
struct named_value {
    std::string_view name;
    Enum value;
};
constexpr auto words_of(iggy::durability) {
    return std::array{named_value{"memory", iggy::durability::memory},
                      named_value{"written", iggy::durability::written},
                      named_value{"synced", iggy::durability::synced}};
}
constexpr auto words_of(io_engine) {
    return std::array{named_value{"auto", io_engine::automatic},
                      named_value{"io_uring", io_engine::io_uring},
                      named_value{"portable", io_engine::portable}};
}
constexpr auto words_of(telemetry_transport) {
    return std::array{named_value{"grpc", telemetry_transport::grpc},
                      named_value{"http", telemetry_transport::http}};
}
constexpr auto words_of(compression_algorithm) {
    return std::array{named_value{"none", compression_algorithm::none},
                      named_value{"gzip", compression_algorithm::gzip}};
}
constexpr auto words_of(index_caching) {
    return std::array{named_value{"all", index_caching::all},
                      named_value{"open_segment", index_caching::open_segment},
                      named_value{"none", index_caching::none}};
}

template <class Enum>
std::string word_list() {
    std::string list;
    for (const auto& [name, value] : words_of(Enum{})) {
        list += list.empty() ? "" : " or ";
        list += toml_string(name);
    }
    return list;
}

}  // namespace

read_result<bool> boolean::read(const config_value& value) {
    if (const auto* flag = value.as<bool>()) {
        return *flag;
    }
    if (const auto* raw = value.as<config_value::raw_text>()) {
        for (const bool flag : {false, true}) {
            if (same_ignoring_case(raw->text, print(flag))) {
                return flag;
            }
        }
    }
    return text_error{"it is neither true nor false"};
}
std::string boolean::print(bool value) { return value ? "true" : "false"; }

template <class Number, Number Min, Number Max>
const std::string integer<Number, Min, Max>::form =
    "a whole number from " + std::to_string(Min) + " to " + std::to_string(Max);
template <class Number, Number Min, Number Max>
read_result<Number> integer<Number, Min, Max>::read(const config_value& value) {
    const auto number = read_number(value);
    if (!number) {
        return number.error();
    }
    return in_bounds<Number>(*number, Min, Max);
}
template struct integer<std::uint32_t, 0, UINT32_MAX>;
template struct integer<std::uint32_t, 1, UINT32_MAX>;
template struct integer<std::uint64_t, 0, INT64_MAX>;
template struct integer<std::uint64_t, 0, (1ULL << 62U) - 1>;

read_result<std::string> text::read(const config_value& value) {
    return parse_text(value, [](std::string_view all) -> read_result<std::string> {
        if (all.find('\0') != std::string_view::npos || !is_utf8(all)) {
            return text_error{"it is not UTF-8 text"};
        }
        return std::string{all};
    });
}
std::string text::print(const std::string& value) { return toml_string(value); }

read_result<std::string> filled_text::read(const config_value& value) {
    auto read = text::read(value);
    if (read && read->find_first_not_of(" \t\r\n") == std::string::npos) {
        return text_error{"it is empty"};
    }
    return read;
}

read_result<std::string> directory_name::read(const config_value& value) {
    auto read = filled_text::read(value);
    if (read && (read->find('/') != std::string::npos || *read == "." || *read == "..")) {
        return text_error{"it is not a single name"};
    }
    return read;
}

read_result<std::string> http_route::read(const config_value& value) {
    auto read = text::read(value);
    if (read && !read->starts_with('/')) {
        return text_error{"it does not start with '/'"};
    }
    return read;
}

read_result<std::string> ip_literal::read(const config_value& value) {
    auto read = text::read(value);
    if (read && !is_ip_literal(*read)) {
        return text_error{"it is not an IP address"};
    }
    return read;
}

read_result<std::string> jwt_algorithm::read(const config_value& value) {
    constexpr std::array<std::string_view, 6> names{"HS256", "HS384", "HS512",
                                                    "RS256", "RS384", "RS512"};
    auto read = text::read(value);
    if (read && std::ranges::find(names, *read) == names.end()) {
        return text_error{"it is not a known algorithm"};
    }
    return read;
}

read_result<listen_address> ip_address::read(const config_value& value) {
    return parse_text(value, parse_ip_address);
}
std::string ip_address::print(const listen_address& value) {
    return toml_string(format_address(value));
}
read_result<listen_address> host_address::read(const config_value& value) {
    return parse_text(value, parse_host_address);
}

const std::string duration::form{duration_form};
read_result<server::duration> duration::read(const config_value& value) {
    return parse_text(value, parse_duration);
}
std::string duration::print(server::duration value) { return toml_string(format_duration(value)); }

const std::string positive_duration::form =
    "a duration with units that is not zero, such as \"500ms\", \"1h 30m\" or \"7days\"";
read_result<server::duration> positive_duration::read(const config_value& value) {
    auto read = duration::read(value);
    if (read && read->count() == 0) {
        return text_error{"it is zero"};
    }
    return read;
}

const std::string size::form{byte_size_form};
read_result<std::uint64_t> size::read(const config_value& value) {
    return number_or_text(value, parse_byte_size);
}
std::string size::print(std::uint64_t value) {
    return toml_string(format_byte_size_exactly(value));
}

read_result<std::uint64_t> size_of_at_least_one::read(const config_value& value) {
    auto read = size::read(value);
    if (read && *read == 0) {
        return text_error{"it is zero"};
    }
    return read;
}

template <std::uint64_t Min, std::uint64_t Max>
const std::string size_between<Min, Max>::form =
    std::string{byte_size_form} + ", from " + format_byte_size_exactly(Min) + " to " +
    format_byte_size_exactly(Max);
template <std::uint64_t Min, std::uint64_t Max>
read_result<std::uint64_t> size_between<Min, Max>::read(const config_value& value) {
    auto read = size::read(value);
    if (!read) {
        return read.error();
    }
    return in_bounds<std::uint64_t>(*read, Min, Max);
}
template struct size_between<1, INT32_MAX>;
template struct size_between<1200, UINT16_MAX>;
template struct size_between<(1U << 16U), (4ULL << 30U) - 1>;

const std::string optional_size::form = std::string{byte_size_form} + ", or \"unlimited\"";
read_result<std::optional<std::uint64_t>> optional_size::read(const config_value& value) {
    const auto read = number_or_text(value, parse_byte_size_or_unlimited);
    if (!read) {
        return read.error();
    }
    return std::optional{*read};
}
std::string optional_size::print(const std::optional<std::uint64_t>& value) {
    return value ? size::print(*value) : "";
}

const std::string memory_limit::form = "\"auto\", or " + std::string{byte_size_form};
read_result<std::uint64_t> memory_limit::read(const config_value& value) {
    const std::string* text = text_of(value);
    if (text != nullptr && *text == "auto") {
        return std::uint64_t{0};
    }
    return size_of_at_least_one::read(value);
}
std::string memory_limit::print(std::uint64_t value) {
    return value == 0 ? toml_string("auto") : size::print(value);
}

read_result<iggy::expiry> expiry::read(const config_value& value) {
    return parse_text(value, parse_expiry);
}
std::string expiry::print(iggy::expiry value) { return toml_string(format_expiry(value)); }

read_result<iggy::topic_size> topic_size::read(const config_value& value) {
    return number_or_text(value, parse_topic_size);
}
std::string topic_size::print(iggy::topic_size value) {
    return toml_string(format_topic_size_exactly(value));
}

template <class Enum>
const std::string word<Enum>::form = word_list<Enum>();
template <class Enum>
read_result<Enum> word<Enum>::read(const config_value& value) {
    return parse_text(value, [](std::string_view text) -> read_result<Enum> {
        for (const auto& [name, meaning] : words_of(Enum{})) {
            if (same_ignoring_case(text, name)) {
                return meaning;
            }
        }
        return text_error{"it is none of the known words"};
    });
}
template <class Enum>
std::string word<Enum>::print(Enum value) {
    const auto words = words_of(Enum{});
    return toml_string(std::ranges::find(words, value, &named_value<Enum>::value)->name);
}
template struct word<iggy::durability>;
template struct word<io_engine>;
template struct word<telemetry_transport>;
template struct word<compression_algorithm>;
template struct word<index_caching>;

read_result<index_caching> index_cache::read(const config_value& value) {
    const auto flag = boolean::read(value);
    if (flag) {
        return *flag ? index_caching::all : index_caching::none;
    }
    return word<index_caching>::read(value);
}

read_result<cpu_allocation> cpus::read(const config_value& value) {
    return number_or_text(value, parse_cpu_allocation);
}
std::string cpus::print(const cpu_allocation& value) {
    if (value.kind == cpu_allocation::form::count) {
        return format_cpu_allocation(value);
    }
    return toml_string(format_cpu_allocation(value));
}

}  // namespace iggy::server::codec
