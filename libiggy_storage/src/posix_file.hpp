#pragma once

#include <atomic>

#include <iggy/storage/disk.hpp>
#include "unique_fd.hpp"

namespace iggy::storage {

/// What errno means for a store: no_space when the disk or quota is full, not_found when the name
/// is not there, else io.
error error_from_errno(int sys_errno, std::uint64_t position = 0) noexcept;

/// A file of the kernel's. Made by posix_disk.
class posix_file final : public file {
public:
    explicit posix_file(unique_fd fd) noexcept : fd_{std::move(fd)} {}

    result<std::size_t> read_at(std::uint64_t position, byte_span into) override;
    result<std::size_t> try_read_at(std::uint64_t position, byte_span into) override;
    result<done_t> write_at(std::uint64_t position, std::span<const byte_view> parts) override;
    result<done_t> write_back(std::uint64_t begin, std::uint64_t end) override;
    result<done_t> sync() override;
    result<done_t> allocate(std::uint64_t position, std::uint64_t length) override;
    result<done_t> resize(std::uint64_t size) override;
    result<std::uint64_t> size() override;
    int descriptor() const noexcept override { return fd_.get(); }

private:
    unique_fd fd_;
    std::atomic<bool> can_read_without_waiting_{true};
};

}  // namespace iggy::storage
