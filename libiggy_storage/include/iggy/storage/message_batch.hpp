#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include <iggy/base/message.hpp>
#include <iggy/storage/error.hpp>

namespace iggy::storage {

/// What a message may carry beside its payload.
struct message_fields {
    message_id id{};                     ///< all zero: the store chooses a random one
    byte_view user_headers{};            ///< kept as they are
    std::uint64_t origin_timestamp = 0;  ///< the producer's clock; kept as it is
};

/// Messages to append, back to back in the layout of iggy/base/message.hpp; copies what it is
/// given.
class message_batch_builder {
public:
    /// Adds one message. Payloads end at payload_bytes_max, user headers at user_headers_bytes_max;
    /// over that nothing is added, and the append of the batch answers too_large.
    message_batch_builder& add(byte_view payload, const message_fields& fields = {});
    message_batch_builder& add(std::string_view text, const message_fields& fields = {}) {
        return add(as_bytes(text), fields);
    }
    void reserve(std::size_t bytes) { bytes_.reserve(bytes); }
    void clear() noexcept;

    std::size_t size_bytes() const noexcept { return bytes_.size(); }
    std::uint32_t count() const noexcept { return count_; }
    bool empty() const noexcept { return count_ == 0; }

    /// The messages, for an append to stamp in place. Errors: invalid_argument (there are none),
    /// too_large.
    result<byte_span> bytes() noexcept;

private:
    std::vector<std::byte> bytes_;
    std::uint32_t count_ = 0;
    bool too_large_ = false;
};

/// Messages that were read. Owns its bytes: outlives the store, and may be moved to any thread.
class message_batch {
public:
    message_batch() = default;
    /// Copies `messages`, whose checksums were verified. `next`: where reading goes on.
    message_batch(byte_view messages, std::uint32_t count, message_offset next);

    /// Walks `message_view`s, which borrow from the batch.
    message_range::iterator begin() const noexcept { return message_range{bytes()}.begin(); }
    std::default_sentinel_t end() const noexcept { return {}; }

    std::uint32_t size() const noexcept { return count_; }
    bool empty() const noexcept { return count_ == 0; }
    /// Pass it to the next read to go on after this batch.
    message_offset next() const noexcept { return next_; }
    /// Messages back to back, as on disk.
    byte_view bytes() const noexcept { return {bytes_.get(), size_bytes_}; }

private:
    std::unique_ptr<std::byte[]> bytes_;
    std::size_t size_bytes_ = 0;
    std::uint32_t count_ = 0;
    message_offset next_;
};

}  // namespace iggy::storage
