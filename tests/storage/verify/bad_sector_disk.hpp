#pragma once

#include <cerrno>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "forwarding_disk.hpp"
#include "support/borrowed_disk.hpp"

/// Another disk, of which one byte of one file cannot be read.
class bad_sector_disk final : public iggy::storage::borrowed_disk {
    template <class T>
    using result = iggy::storage::result<T>;
    using done_t = iggy::done_t;
    using file = iggy::storage::file;

public:
    bad_sector_disk(iggy::storage::disk& below, std::string path, std::uint64_t position)
        : borrowed_disk{below}, path_{std::move(path)}, position_{position} {}

    result<std::unique_ptr<file>> open(std::string_view path,
                                       iggy::storage::open_mode mode) override {
        auto opened = borrowed_disk::open(path, mode);
        if (!opened || path != path_) {
            return opened;
        }
        return std::make_unique<bad_file>(std::move(*opened), position_);
    }

private:
    class bad_file final : public iggy::storage::forwarding_file {
    public:
        bad_file(std::unique_ptr<file> below, std::uint64_t position)
            : forwarding_file{std::move(below)}, position_{position} {}

        result<std::size_t> read_at(std::uint64_t position, iggy::byte_span into) override {
            if (position_ >= position && position_ < position + into.size()) {
                const auto before = into.first(static_cast<std::size_t>(position_ - position));
                static_cast<void>(below().read_at(position, before));
                return iggy::storage::error{iggy::storage::errc::io, EIO, position_};
            }
            return below().read_at(position, into);
        }
        result<std::size_t> try_read_at(std::uint64_t position, iggy::byte_span into) override {
            return read_at(position, into);
        }
        int descriptor() const noexcept override { return -1; }

    private:
        std::uint64_t position_;
    };

    std::string path_;
    std::uint64_t position_;
};
