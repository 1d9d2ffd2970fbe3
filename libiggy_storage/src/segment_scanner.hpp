#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include <iggy/base/message.hpp>
#include <iggy/storage/disk.hpp>
#include <iggy/storage/error.hpp>

namespace iggy::storage {

/// Walks a segment file message by message, trusting nothing. Blocks; for recovery and for
/// rebuilding indexes.
class segment_scanner {
public:
    /// Scans bytes `from` to `to` of `source`, which must outlive it.
    segment_scanner(file& source, std::uint64_t from, std::uint64_t to) noexcept
        : file_{source}, position_{from}, end_{to} {}

    /// The message at `position()`, which is then past it; borrowed until the next call. Nothing at
    /// the end, or at the first that runs past the end or over a limit. Errors: io.
    result<std::optional<message_view>> next();

    /// Goes on at `from`, up to `to`.
    void seek(std::uint64_t from, std::uint64_t to) noexcept {
        position_ = from;
        end_ = to;
    }

    /// End of the message that `next` returned last.
    std::uint64_t position() const noexcept { return position_; }

private:
    result<byte_view> window(std::size_t bytes);

    file& file_;
    std::uint64_t position_;
    std::uint64_t end_;
    std::unique_ptr<std::byte[]> block_;
    std::size_t capacity_ = 0;
    std::uint64_t block_position_ = 0;
    std::size_t block_bytes_ = 0;
};

}  // namespace iggy::storage
