#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include <iggy/client/error.hpp>

namespace iggy::client {

struct password_login {
    std::string username;
    std::string password;
};

/// A personal access token.
struct token_login {
    std::string token;
};

/// Who logs in right after connecting; `std::monostate` is nobody.
using credentials = std::variant<std::monostate, password_login, token_login>;

/// How a client reaches its server.
struct options {
    /// Name or address; an IPv6 address stands without brackets.
    std::string host = "127.0.0.1";
    std::uint16_t port = 8090;
    credentials login;

    /// For one attempt: resolving the name and connecting.
    std::chrono::milliseconds connect_timeout{5000};
    /// Further attempts after the first one failed.
    std::uint32_t connect_retries = 0;
    /// Between two attempts.
    std::chrono::milliseconds retry_interval{1000};

    /// For one request and its answer.
    std::chrono::milliseconds request_timeout{30'000};
    /// Largest answer that is accepted. A larger one ends the connection before memory is spent.
    std::uint32_t response_bytes_max = 256 * 1024 * 1024;
    /// TCP_NODELAY: small requests go out at once.
    bool no_delay = true;
};

/// Reads `iggy://USER:PASSWORD@HOST:PORT[?key=value&...]` or `iggy://TOKEN@HOST:PORT`;
/// `iggy+tcp://` is the same. User, password and token may be percent-encoded, an IPv6 address
/// stands in brackets, a missing port is 8090, and without `...@` nobody logs in.
///
/// Keys: `reconnection_retries` (a number; `unlimited` is refused), `reconnection_interval`,
/// `nodelay`, and of our own `connect_timeout`, `request_timeout`. `heartbeat_interval` and
/// `reestablish_after` are checked and have no effect yet; `tls` may only be false.
/// Errors: invalid_connection_string, not_supported (another transport, TLS).
/// Source: Iggy 0.8, core/common/src/types/configuration/.
result<options> parse_connection_string(std::string_view text);

/// Reads `HOST:PORT`, `[IPV6]:PORT` or `HOST` into `into`, whose port stays when none is given.
/// Errors: invalid_connection_string.
result<done_t> parse_address(std::string_view text, options& into);

}  // namespace iggy::client
