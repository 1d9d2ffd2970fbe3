#include "config/listen_address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace iggy::server {
namespace {

bool is_host_name(std::string_view text) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '.' || c == '_';
    };
    return !text.empty() && text.size() <= 253 && std::ranges::all_of(text, fits);
}

text_result<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (failure != std::errc{} || end != text.data() + text.size()) {
        return text_error{"\"" + std::string{text} + "\" is not a port (0 to 65535)"};
    }
    return port;
}

text_result<listen_address> parse_address(std::string_view text, bool names_allowed) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) {
        return text_error{"it has no port"};
    }
    std::string host{text.substr(0, colon)};
    const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) {
        host = host.substr(1, host.size() - 2);
    }
    const bool has_colon = host.find(':') != std::string::npos;
    if (has_colon && !bracketed) {
        return text_error{"an IPv6 address needs brackets before its port"};
    }
    if (!is_ip_literal(host) || bracketed != has_colon) {
        if (bracketed || !names_allowed || !is_host_name(host)) {
            return text_error{"\"" + host + "\" is not " +
                              (names_allowed ? "a host" : "an IP address")};
        }
    }
    const auto port = parse_port(text.substr(colon + 1));
    if (!port) {
        return port.error();
    }
    return listen_address{std::move(host), *port};
}

}  // namespace

bool is_ip_literal(const std::string& text) {
    in6_addr buffer{};
    return ::inet_pton(AF_INET, text.c_str(), &buffer) == 1 ||
           ::inet_pton(AF_INET6, text.c_str(), &buffer) == 1;
}

text_result<listen_address> parse_ip_address(std::string_view text) {
    return parse_address(text, false);
}

text_result<listen_address> parse_host_address(std::string_view text) {
    return parse_address(text, true);
}

std::string format_address(const listen_address& address) {
    const bool ipv6 = address.host.find(':') != std::string::npos;
    return (ipv6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

}  // namespace iggy::server
