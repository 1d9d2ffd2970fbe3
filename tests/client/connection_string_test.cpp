#include <iggy/client/options.hpp>

#include "support/catch.hpp"

using namespace iggy::client;
using namespace std::chrono_literals;

namespace {

options parsed(std::string_view text) {
    auto read = parse_connection_string(text);
    INFO(text);
    if (!read) {
        FAIL(describe(read.error()));
    }
    return *read;
}

errc refused(std::string_view text) {
    const auto read = parse_connection_string(text);
    INFO(text);
    REQUIRE_FALSE(read);
    CHECK_FALSE(describe(read.error()).empty());
    return read.error().kind;
}

}  // namespace

TEST_CASE("connection string: user, password, host and port are read", "[client]") {
    for (const auto* scheme : {"iggy", "iggy+tcp"}) {
        const auto read = parsed(std::string{scheme} + "://alice:secret@example.test:1234");
        CHECK(read.host == "example.test");
        CHECK(read.port == 1234);
        const auto& login = std::get<password_login>(read.login);
        CHECK(login.username == "alice");
        CHECK(login.password == "secret");
    }
}

TEST_CASE("connection string: one word before the @ is a token", "[client]") {
    CHECK(std::get<token_login>(parsed("iggy://t0ken@localhost:8090").login).token == "t0ken");
}

TEST_CASE("connection string: the port may be missing, and so may the login", "[client]") {
    const auto read = parsed("iggy://localhost");
    CHECK(read.host == "localhost");
    CHECK(read.port == 8090);
    CHECK(std::holds_alternative<std::monostate>(read.login));
}

TEST_CASE("connection string: percent-encoding carries the characters that have a meaning",
          "[client]") {
    const auto read = parsed("iggy://a%40b:p%3a%2F%3f%25@localhost:1");
    const auto& login = std::get<password_login>(read.login);
    CHECK(login.username == "a@b");
    CHECK(login.password == "p:/?%");
}

TEST_CASE("connection string: an IPv6 address stands in brackets", "[client]") {
    const auto read = parsed("iggy://u:p@[::1]:9000");
    CHECK(read.host == "::1");
    CHECK(read.port == 9000);
    CHECK(parsed("iggy://u:p@[fe80::1]").port == 8090);
    CHECK(refused("iggy://u:p@::1:9000") == errc::invalid_connection_string);
    CHECK(refused("iggy://u:p@[::1") == errc::invalid_connection_string);
    CHECK(refused("iggy://u:p@[::1]9000") == errc::invalid_connection_string);
}

TEST_CASE("connection string: options set retries, interval, timeouts and nodelay", "[client]") {
    const auto read = parsed(
        "iggy://u:p@h:1?reconnection_retries=7&reconnection_interval=250ms&connect_timeout=2s"
        "&request_timeout=1m&nodelay=false&heartbeat_interval=5s&reestablish_after=1s&tls=false");
    CHECK(read.connect_retries == 7);
    CHECK(read.retry_interval == 250ms);
    CHECK(read.connect_timeout == 2s);
    CHECK(read.request_timeout == 1min);
    CHECK_FALSE(read.no_delay);
}

TEST_CASE("connection string: what breaks the form is refused", "[client]") {
    for (const auto* text : {"",
                             "localhost:8090",
                             "http://u:p@h:1",
                             "iggy://",
                             "iggy://u:p@",
                             "iggy://u:p@:1",
                             "iggy://u:p@h:0",
                             "iggy://u:p@h:65536",
                             "iggy://u:p@h:1x",
                             "iggy://u:p@h:",
                             "iggy://:p@h:1",
                             "iggy://u:@h:1",
                             "iggy://@h:1",
                             "iggy://u:p%2@h:1",
                             "iggy://u:p%zz@h:1",
                             "iggy://u:p@h:1?",
                             "iggy://u:p@h:1?nodelay",
                             "iggy://u:p@h:1?a=b",
                             "iggy://u:p@h:1?tls==",
                             "iggy://u:p@h:1?reconnection_retries=unlimited",
                             "iggy://u:p@h:1?reconnection_retries=-1",
                             "iggy://u:p@h:1?reconnection_interval=5",
                             "iggy://u:p@h:1?request_timeout=0"}) {
        CHECK(refused(text) == errc::invalid_connection_string);
    }
}

TEST_CASE("connection string: other transports and TLS are named as not supported", "[client]") {
    for (const auto* text : {"iggy+quic://u:p@h:1", "iggy+http://u:p@h:1", "iggy+ws://u:p@h:1",
                             "iggy://u:p@h:1?tls=true"}) {
        CHECK(refused(text) == errc::not_supported);
    }
}

TEST_CASE("connection string: an error does not repeat the password", "[client]") {
    const auto read = parse_connection_string("iggy://u:hunter2@h:99999");
    REQUIRE_FALSE(read);
    CHECK(describe(read.error()).find("hunter2") == std::string::npos);
}
