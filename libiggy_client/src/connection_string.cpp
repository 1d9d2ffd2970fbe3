#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>
#include <iggy/base/duration_text.hpp>
#include <iggy/client/options.hpp>

namespace iggy::client {
namespace {

constexpr std::string_view expected_form =
    "expected iggy://USER:PASSWORD@HOST:PORT, with % in front of the hexadecimal code of special "
    "characters";

/// Never repeats the text itself: it may hold a password.
error invalid(std::string_view reason) {
    return {errc::invalid_connection_string,
            {},
            0,
            fmt::format("the connection string is not valid: {}; {}", reason, expected_form)};
}

error not_supported(std::string_view what) {
    return {errc::not_supported,
            {},
            0,
            fmt::format("{} is not supported by this version; use iggy://... (TCP)", what)};
}

/// Splits at the first `mark`; the second part is absent when there is none.
std::pair<std::string_view, std::optional<std::string_view>> split(std::string_view text,
                                                                   char mark) {
    const auto at = text.find(mark);
    if (at == std::string_view::npos) {
        return {text, std::nullopt};
    }
    return {text.substr(0, at), text.substr(at + 1)};
}

template <class Number>
std::optional<Number> number(std::string_view text, int base = 10) {
    Number value{};
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value, base);
    const bool whole = read.ec == std::errc{} && read.ptr == text.data() + text.size();
    return whole ? std::optional{value} : std::nullopt;
}

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            result.push_back(text[i]);
            continue;
        }
        const auto digits = text.substr(i + 1, 2);
        const auto code = digits.size() == 2 ? number<std::uint8_t>(digits, 16) : std::nullopt;
        if (!code) {
            return std::nullopt;
        }
        result.push_back(static_cast<char>(*code));
        i += 2;
    }
    return result;
}

result<done_t> read_scheme(std::string_view scheme) {
    if (scheme == "iggy" || scheme == "iggy+tcp") {
        return done;
    }
    if (scheme == "iggy+quic" || scheme == "iggy+http" || scheme == "iggy+ws") {
        return not_supported(fmt::format("the transport of {}://", scheme));
    }
    return invalid("it does not start with iggy:// or iggy+tcp://");
}

result<credentials> read_credentials(std::string_view text) {
    const auto [first, second] = split(text, ':');
    const auto name = percent_decoded(first);
    const auto password = second ? percent_decoded(*second) : std::string{};
    if (!name || !password) {
        return invalid("a % in user, password or token is not followed by two hexadecimal digits");
    }
    if (name->empty() || (second && password->empty())) {
        return invalid("user, password or token is empty");
    }
    if (second) {
        return credentials{password_login{*name, *password}};
    }
    return credentials{token_login{*name}};
}

/// Reads host and port; returns what is wrong with them, nothing when they are right.
std::optional<std::string_view> read_address(std::string_view text, options& into) {
    std::optional<std::string_view> port;
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        if (end == std::string_view::npos) {
            return "the IPv6 address is not closed by ]";
        }
        into.host = text.substr(1, end - 1);
        const auto rest = text.substr(end + 1);
        if (!rest.empty() && rest.front() != ':') {
            return "only a port may follow the IPv6 address";
        }
        port = rest.empty() ? std::nullopt : std::optional{rest.substr(1)};
    } else {
        const auto [host, after] = split(text, ':');
        into.host = host;
        port = after;
    }
    if (into.host.empty()) {
        return "the host is missing";
    }
    if (port) {
        const auto value = number<std::uint16_t>(*port);
        if (!value || *value == 0) {
            return "the port is not a number from 1 to 65535 (an IPv6 address stands in [])";
        }
        into.port = *value;
    }
    return std::nullopt;
}

result<std::chrono::milliseconds> read_duration(std::string_view key, std::string_view text) {
    const auto value = parse_duration(text);
    if (!value) {
        return invalid(fmt::format("{} is no duration: {}", key, value.error().reason));
    }
    return std::chrono::ceil<std::chrono::milliseconds>(*value);
}

result<done_t> read_duration_into(std::string_view key, std::string_view text,
                                  std::chrono::milliseconds& into) {
    const auto value = read_duration(key, text);
    if (!value) {
        return value.error();
    }
    into = *value;
    return done;
}

result<done_t> read_timeout_into(std::string_view key, std::string_view text,
                                 std::chrono::milliseconds& into) {
    auto read = read_duration_into(key, text, into);
    if (read && into.count() == 0) {
        return invalid(fmt::format("{} must be longer than nothing", key));
    }
    return read;
}

result<done_t> read_retries(std::string_view text, options& into) {
    if (text == "unlimited") {
        return invalid("reconnection_retries must be a number, so that a call ends some day");
    }
    const auto retries = number<std::uint32_t>(text);
    if (!retries) {
        return invalid("reconnection_retries is not a number");
    }
    into.connect_retries = *retries;
    return done;
}

result<done_t> read_option(std::string_view key, std::string_view value, options& into) {
    if (key == "reconnection_retries") {
        return read_retries(value, into);
    }
    if (key == "reconnection_interval") {
        return read_duration_into(key, value, into.retry_interval);
    }
    if (key == "connect_timeout") {
        return read_timeout_into(key, value, into.connect_timeout);
    }
    if (key == "request_timeout") {
        return read_timeout_into(key, value, into.request_timeout);
    }
    if (key == "nodelay") {
        into.no_delay = value == "true";
        return done;
    }
    if (key == "heartbeat_interval" || key == "reestablish_after") {
        std::chrono::milliseconds unused{};
        return read_duration_into(key, value, unused);
    }
    if (key == "tls") {
        return value == "true" ? result<done_t>{not_supported("TLS")} : result<done_t>{done};
    }
    if (key == "tls_domain" || key == "tls_ca_file") {
        return done;  // they matter only with tls=true
    }
    return invalid(fmt::format("there is no option \"{}\"", key));
}

result<done_t> read_options(std::string_view text, options& into) {
    std::optional<std::string_view> rest = text;
    while (rest) {
        const auto [one, after] = split(*rest, '&');
        const auto [key, value] = split(one, '=');
        if (!value || value->find('=') != std::string_view::npos) {
            return invalid("an option is not of the form key=value");
        }
        if (const auto read = read_option(key, *value, into); !read) {
            return read.error();
        }
        rest = after;
    }
    return done;
}

}  // namespace

result<options> parse_connection_string(std::string_view text) {
    const auto scheme_end = text.find("://");
    if (scheme_end == std::string_view::npos) {
        return invalid("there is no ://");
    }
    if (const auto scheme = read_scheme(text.substr(0, scheme_end)); !scheme) {
        return scheme.error();
    }
    options read;
    const auto [body, option_text] = split(text.substr(scheme_end + 3), '?');
    const auto [before_at, after_at] = split(body, '@');
    if (after_at) {
        auto login = read_credentials(before_at);
        if (!login) {
            return login.error();
        }
        read.login = std::move(*login);
    }
    if (const auto wrong = read_address(after_at.value_or(before_at), read)) {
        return invalid(*wrong);
    }
    if (option_text) {
        if (const auto parsed = read_options(*option_text, read); !parsed) {
            return parsed.error();
        }
    }
    return read;
}

result<done_t> parse_address(std::string_view text, options& into) {
    if (const auto wrong = read_address(text, into)) {
        return error{errc::invalid_connection_string,
                     {},
                     0,
                     fmt::format("the server address \"{}\" is not valid: {}; expected HOST:PORT",
                                 text, *wrong)};
    }
    return done;
}

}  // namespace iggy::client
