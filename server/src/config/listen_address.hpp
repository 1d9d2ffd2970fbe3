#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <iggy/base/text_error.hpp>

namespace iggy::server {

/// Where a listener binds. Port 0 lets the kernel choose.
struct listen_address {
    std::string host;  ///< an IP address without brackets; for plain HTTP also a host name
    std::uint16_t port = 0;
    friend bool operator==(const listen_address&, const listen_address&) = default;
};

/// What the two parsers accept, for error messages.
inline constexpr std::string_view ip_address_form =
    "an IP address and a port, \"127.0.0.1:8090\" or \"[::1]:8090\" (port 0: any free port)";
inline constexpr std::string_view host_address_form =
    "a host and a port, \"127.0.0.1:3000\", \"[::1]:3000\" or \"localhost:3000\"";

/// Reads `ip:port` or `[ip6]:port`. Errors: a host name, a port that is not 0…65535.
text_result<listen_address> parse_ip_address(std::string_view text);

/// The same, and `name:port`.
text_result<listen_address> parse_host_address(std::string_view text);

/// `127.0.0.1:8090`, `[::1]:8090`.
std::string format_address(const listen_address& address);

/// Whether `text` is an IPv4 or IPv6 address without brackets.
bool is_ip_literal(const std::string& text);

}  // namespace iggy::server
