#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include <iggy/base/bytes.hpp>
#include <iggy/base/ids.hpp>
#include <iggy/base/message.hpp>
#include <iggy/protocol/messages.hpp>

namespace iggy::client {

namespace detail {

/// Bytes of an answer, received where they stay.
class owned_bytes {
public:
    owned_bytes() = default;
    explicit owned_bytes(std::size_t size)
        : bytes_{std::make_unique_for_overwrite<std::byte[]>(size)}, size_{size} {}
    byte_span span() noexcept { return {bytes_.get(), size_}; }
    byte_view view() const noexcept { return {bytes_.get(), size_}; }

private:
    std::unique_ptr<std::byte[]> bytes_;
    std::size_t size_ = 0;
};

}  // namespace detail

/// The answer to a poll, owned: iterate it for the messages, in offset order. Made by
/// client::poll. Messages borrow from the batch.
class polled_batch {
public:
    /// An answer without messages.
    polled_batch() = default;
    /// `decoded` borrows from `bytes`.
    polled_batch(detail::owned_bytes bytes, const protocol::polled_messages& decoded) noexcept
        : bytes_{std::move(bytes)}, head_{decoded.head}, messages_{decoded.bytes} {}

    partition_id partition() const noexcept { return head_.partition; }
    /// Offset of the last message that the partition holds; 0 also when there is none.
    message_offset current_offset() const noexcept { return head_.current_offset; }
    std::uint32_t size() const noexcept { return head_.count; }
    bool empty() const noexcept { return head_.count == 0; }
    /// All messages as they came, headers included, back to back.
    byte_view bytes() const noexcept { return messages_; }

    message_range::iterator begin() const noexcept { return message_range{messages_}.begin(); }
    std::default_sentinel_t end() const noexcept { return {}; }

private:
    detail::owned_bytes bytes_;
    protocol::polled_head head_;
    byte_view messages_;
};

}  // namespace iggy::client
