#include "segment_scanner.hpp"

#include <algorithm>

namespace iggy::storage {

namespace {
constexpr std::size_t block_bytes_least = std::size_t{1} << 20;
}

/// At least `bytes` bytes from `position_` on, fewer only at the end.
result<byte_view> segment_scanner::window(std::size_t bytes) {
    const std::uint64_t skip = position_ - block_position_;
    if (position_ < block_position_ || skip + bytes > block_bytes_) {
        const std::size_t wanted = std::max(bytes, block_bytes_least);
        if (capacity_ < wanted) {
            block_.reset(new std::byte[wanted]);
            capacity_ = wanted;
        }
        const auto size =
            static_cast<std::size_t>(std::min<std::uint64_t>(wanted, end_ - position_));
        block_bytes_ = 0;  // a read that fails leaves anything
        const auto got = file_.read_at(position_, {block_.get(), size});
        if (!got) {
            return got.error();
        }
        block_position_ = position_;
        block_bytes_ = *got;
    }
    const auto from = static_cast<std::size_t>(position_ - block_position_);
    return byte_view{block_.get() + from, block_bytes_ - from};
}

result<std::optional<message_view>> segment_scanner::next() {
    if (end_ < position_ + message_layout::header_bytes) {
        return std::optional<message_view>{};
    }
    auto bytes = window(message_layout::header_bytes);
    if (!bytes) {
        return bytes.error();
    }
    const auto size = announced_message_bytes(*bytes);
    if (!size || *size > end_ - position_) {
        return std::optional<message_view>{};
    }
    bytes = window(*size);
    if (!bytes) {
        return bytes.error();
    }
    if (bytes->size() < *size) {
        return std::optional<message_view>{};
    }
    position_ += *size;
    return std::optional{message_view{bytes->first(*size)}};
}

}  // namespace iggy::storage
