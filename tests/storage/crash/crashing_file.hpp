#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <iggy/storage/disk.hpp>

#include "crashing_disk_state.hpp"

/// The content of one file of a crashing_disk, as the process that opened it sees it.
class crashing_file final : public iggy::storage::file {
    template <class T>
    using result = iggy::storage::result<T>;
    using done_t = iggy::done_t;

public:
    crashing_file(std::shared_ptr<crashing_disk::state> disk, disk_node_ptr node,
                  std::string_view path, bool writable);

    result<std::size_t> read_at(std::uint64_t position, iggy::byte_span into) override;
    /// Now and then what is asked for is not in the page cache, or only its first part.
    result<std::size_t> try_read_at(std::uint64_t position, iggy::byte_span into) override;
    result<done_t> write_at(std::uint64_t position,
                            std::span<const iggy::byte_view> parts) override;
    /// What was not synced may be on the disk anyway.
    result<done_t> write_back(std::uint64_t, std::uint64_t) override { return iggy::done; }
    result<done_t> sync() override;
    result<done_t> allocate(std::uint64_t position, std::uint64_t length) override;
    result<done_t> resize(std::uint64_t size) override;
    result<std::uint64_t> size() override;
    int descriptor() const noexcept override { return -1; }

private:
    std::uint64_t write_some(std::uint64_t position, std::span<const iggy::byte_view> parts,
                             std::uint64_t bytes);

    std::shared_ptr<crashing_disk::state> disk_;
    disk_node_ptr node_;
    std::string path_;  // as it was opened
    std::uint64_t process_;
    bool writable_;
};
