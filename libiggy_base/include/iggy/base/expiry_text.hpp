#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include <iggy/base/text_error.hpp>

namespace iggy {

/// How long something lives, as the wire carries it: 0 is "as the server decides", 2^64-1 is
/// "never expires", anything else is microseconds.
class expiry {
public:
    constexpr expiry() = default;
    static constexpr expiry server_default() noexcept { return expiry{0}; }
    static constexpr expiry never() noexcept { return expiry{never_raw}; }
    static constexpr expiry after(std::chrono::microseconds life) noexcept {
        return expiry{static_cast<std::uint64_t>(life.count() < 0 ? 0 : life.count())};
    }
    static constexpr expiry from_raw(std::uint64_t raw) noexcept { return expiry{raw}; }

    constexpr bool is_server_default() const noexcept { return raw_ == 0; }
    constexpr bool is_never() const noexcept { return raw_ == never_raw; }
    /// The wire value.
    constexpr std::uint64_t raw() const noexcept { return raw_; }
    /// The life time in whole microseconds; meaningless for the two special values.
    constexpr std::chrono::microseconds life() const noexcept {
        return std::chrono::microseconds{static_cast<std::int64_t>(raw_)};
    }
    friend constexpr bool operator==(expiry, expiry) = default;

private:
    static constexpr std::uint64_t never_raw = std::numeric_limits<std::uint64_t>::max();
    constexpr explicit expiry(std::uint64_t raw) noexcept : raw_{raw} {}
    std::uint64_t raw_ = 0;
};

/// What `parse_expiry` accepts, for error messages.
inline constexpr std::string_view expiry_form =
    "\"none\" (never), \"server_default\", or a duration with units such as \"1h 30m\" or "
    "\"7days\" (1M is a month here)";

/// Reads an expiry; letter case counts. `none None unlimited Unlimited never_expire` never expire,
/// `default Default server_default Server_default` and `0` leave it to the server.
/// Errors: those of a duration, more than 4294967295 s. Source: Iggy 0.8,
/// core/common/src/utils/expiry.rs.
text_result<expiry> parse_expiry(std::string_view text);

/// `never_expire`, `server_default`, or the duration; `parse_expiry` reads it back.
std::string format_expiry(expiry value);

}  // namespace iggy
