#include <algorithm>
#include <array>

#include <iggy/storage/message_batch.hpp>

namespace iggy::storage {

message_batch_builder& message_batch_builder::add(byte_view payload, const message_fields& fields) {
    if (payload.size() > payload_bytes_max || fields.user_headers.size() > user_headers_bytes_max) {
        too_large_ = true;
        return *this;
    }
    std::array<std::byte, message_layout::header_bytes> header{};
    std::ranges::copy(fields.id, header.begin() + message_layout::id_at);
    store_le<std::uint64_t>(header, message_layout::origin_timestamp_at, fields.origin_timestamp);
    store_le(header, message_layout::user_headers_length_at,
             static_cast<std::uint32_t>(fields.user_headers.size()));
    store_le(header, message_layout::payload_length_at, static_cast<std::uint32_t>(payload.size()));
    bytes_.insert(bytes_.end(), header.begin(), header.end());
    bytes_.insert(bytes_.end(), payload.begin(), payload.end());
    bytes_.insert(bytes_.end(), fields.user_headers.begin(), fields.user_headers.end());
    ++count_;
    return *this;
}

void message_batch_builder::clear() noexcept {
    bytes_.clear();
    count_ = 0;
    too_large_ = false;
}

result<byte_span> message_batch_builder::bytes() noexcept {
    if (too_large_) {
        return errc::too_large;
    }
    if (bytes_.empty()) {
        return errc::invalid_argument;
    }
    return byte_span{bytes_};
}

message_batch::message_batch(byte_view messages, std::uint32_t count, message_offset next)
    : bytes_{std::make_unique_for_overwrite<std::byte[]>(messages.size())},
      size_bytes_{messages.size()},
      count_{count},
      next_{next} {
    std::ranges::copy(messages, bytes_.get());
}

}  // namespace iggy::storage
