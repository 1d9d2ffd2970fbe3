#include "disk_reserve.hpp"

#include <utility>

#include "directory_names.hpp"
#include "forwarding_disk.hpp"

namespace iggy::storage {

disk_reserve::disk_reserve(disk& files, std::uint64_t bytes) : files_{files}, bytes_{bytes} {
    if (bytes_ > 0) {
        refill();
    }
}

bool disk_reserve::draw() {
    const std::lock_guard guard{mutex_};
    if (!file_) {
        return false;
    }
    // Of the size nothing was ever used: this frees the blocks.
    const bool freed = file_->resize(0).has_value();
    file_.reset();
    whole_.store(false, std::memory_order_relaxed);
    return freed;
}

void disk_reserve::refill() {
    const std::lock_guard guard{mutex_};
    if (file_ || bytes_ == 0) {
        return;
    }
    auto opened = files_.open(reserve_name, open_mode::create);
    const bool reserved = opened && (*opened)->allocate(0, bytes_).has_value();
    if (reserved) {
        file_ = std::move(*opened);
    } else if (opened) {
        (void)(*opened)->resize(0);  // of what it got nobody else would have any use
    }
    whole_.store(reserved, std::memory_order_relaxed);
}

namespace {

/// Makes a call, and once more when the disk was full and the reserve could be drawn.
template <class Call>
auto drawing(disk_reserve& reserve, Call call) {
    auto outcome = call();
    if (!outcome && outcome.error().code == errc::no_space && reserve.draw()) {
        outcome = call();
    }
    return outcome;
}

class drawing_file final : public forwarding_file {
public:
    drawing_file(std::unique_ptr<file> of, disk_reserve& reserve)
        : forwarding_file{std::move(of)}, reserve_{reserve} {}

    result<done_t> write_at(std::uint64_t position, std::span<const byte_view> parts) override {
        return drawing(reserve_, [&] { return below().write_at(position, parts); });
    }
    result<done_t> resize(std::uint64_t size) override {
        return drawing(reserve_, [&] { return below().resize(size); });
    }

private:
    disk_reserve& reserve_;
};

class drawing_disk final : public forwarding_disk {
public:
    drawing_disk(disk& files, disk_reserve& reserve) : forwarding_disk{files}, reserve_{reserve} {}

    result<std::unique_ptr<file>> open(std::string_view path, open_mode mode) override {
        auto opened = drawing(reserve_, [&] { return below().open(path, mode); });
        if (opened) {
            *opened = std::make_unique<drawing_file>(std::move(*opened), reserve_);
        }
        return opened;
    }
    result<done_t> create_directories(std::string_view path) override {
        return drawing(reserve_, [&] { return below().create_directories(path); });
    }
    result<done_t> rename(std::string_view from, std::string_view to) override {
        return drawing(reserve_, [&] { return below().rename(from, to); });
    }

private:
    disk_reserve& reserve_;
};

}  // namespace

std::unique_ptr<disk> make_drawing_disk(disk& files, disk_reserve& reserve) {
    return std::make_unique<drawing_disk>(files, reserve);
}

}  // namespace iggy::storage
