#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <iggy/storage/disk.hpp>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

/// A disk of the named kind, "posix" or "memory", empty.
class test_disk {
public:
    explicit test_disk(const std::string& kind)
        : disk_{kind == "posix" ? iggy::storage::open_disk(directory_.path()).value()
                                : iggy::storage::make_memory_disk()} {}

    iggy::storage::disk& operator*() const noexcept { return *disk_; }
    iggy::storage::disk* operator->() const noexcept { return disk_.get(); }

    /// A file, made when absent.
    std::unique_ptr<iggy::storage::file> create(std::string_view path) const {
        return disk_->open(path, iggy::storage::open_mode::create).value();
    }

private:
    temporary_directory directory_;
    std::unique_ptr<iggy::storage::disk> disk_;
};

/// All of a file.
inline std::string contents_of(iggy::storage::file& source) {
    std::string text(static_cast<std::size_t>(source.size().value()), '\0');
    const auto moved =
        source.read_at(0, std::as_writable_bytes(std::span{text.data(), text.size()})).value();
    REQUIRE(moved == text.size());
    return text;
}
