#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <iggy/base/message.hpp>

/// A message that tells who it is: the log it was sent to, its number there, and a pattern that
/// follows from both.
struct test_message {
    std::uint64_t log = 0;
    std::uint64_t number = 0;
    std::uint32_t payload_bytes = least_bytes;

    static constexpr std::uint32_t least_bytes = 24;
};

/// Adds it to a batch as a client sends it.
void append_message(std::vector<std::byte>& batch, const test_message& message);

/// Gives the message its place, as a leader of this log did.
void stamp_message(iggy::byte_span message, std::uint64_t offset, std::uint64_t timestamp);

/// Who it is; nothing when any byte of it is not as it was sent.
std::optional<test_message> read_message(const iggy::message_view& message);
