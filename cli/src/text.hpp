#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <iggy/base/bytes.hpp>
#include <iggy/base/message.hpp>
#include <iggy/base/time.hpp>
#include <iggy/protocol/primitives.hpp>

/// Values as the commands show and read them.
namespace iggy::cli {

/// A whole decimal number that fits; nothing for anything else.
template <class Number>
std::optional<Number> parse_number(std::string_view text);

/// A number in digits is a numeric id, any other text of 1 to 255 bytes a name.
std::optional<protocol::identifier> parse_identifier(std::string_view text);

/// `2026-01-31 12:34:56`, UTC.
std::string utc_time(timestamp at);
/// `2026-01-31 12:34:56.123456`, in the time zone of this machine.
std::string local_time_with_micros(timestamp at);

__extension__ using uint128 = unsigned __int128;
__extension__ using int128 = __int128;

/// The id as a decimal number of 128 bits.
std::string decimal(const message_id& id);
std::string decimal(uint128 number);

/// Bytes as text for a terminal: what is not UTF-8 becomes U+FFFD, control characters other than
/// line end and tab are written as `\x1b`.
std::string printable(byte_view bytes);

std::string_view to_text(protocol::compression_algorithm algorithm);
std::string_view to_text(protocol::transport_kind transport);
std::string_view to_text(protocol::cluster_role role);
std::string_view to_text(protocol::node_status status);

/// `1 message`, `2 messages`.
std::string counted_messages(std::uint64_t count);

}  // namespace iggy::cli
