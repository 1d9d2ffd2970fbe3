#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include <iggy/base/text_error.hpp>

namespace iggy {

/// How large a topic may grow, as the wire carries it: 0 is "as the server decides", 2^64-1 is
/// "unlimited", anything else is bytes.
class topic_size {
public:
    constexpr topic_size() = default;
    static constexpr topic_size server_default() noexcept { return topic_size{0}; }
    static constexpr topic_size unlimited() noexcept { return topic_size{unlimited_raw}; }
    static constexpr topic_size from_raw(std::uint64_t raw) noexcept { return topic_size{raw}; }

    constexpr bool is_server_default() const noexcept { return raw_ == 0; }
    constexpr bool is_unlimited() const noexcept { return raw_ == unlimited_raw; }
    /// The wire value; bytes unless one of the two above.
    constexpr std::uint64_t raw() const noexcept { return raw_; }
    friend constexpr bool operator==(topic_size, topic_size) = default;

private:
    static constexpr std::uint64_t unlimited_raw = std::numeric_limits<std::uint64_t>::max();
    constexpr explicit topic_size(std::uint64_t raw) noexcept : raw_{raw} {}
    std::uint64_t raw_ = 0;
};

/// What `parse_topic_size` accepts, for error messages.
inline constexpr std::string_view topic_size_form =
    "\"unlimited\", \"server_default\" (or \"0\"), or a size such as \"10 GiB\"";

/// Reads a topic size. Errors: those of a byte size. Source: Iggy 0.8,
/// core/common/src/utils/topic_size.rs.
text_result<topic_size> parse_topic_size(std::string_view text);

/// For people: `unlimited`, `server_default`, or the rounded size (`1.07 GB`).
std::string format_topic_size(topic_size value);

/// For files: the same with the size exact (`1 GiB`); `parse_topic_size` reads it back.
std::string format_topic_size_exactly(topic_size value);

}  // namespace iggy
