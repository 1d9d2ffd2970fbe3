#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <iggy/storage/disk.hpp>

namespace iggy::storage {

/// Passes every call on to another disk, which must outlive it: a base for those that change some.
class forwarding_disk : public disk {
public:
    explicit forwarding_disk(disk& below) : below_{below} {}

    result<std::unique_ptr<file>> open(std::string_view path, open_mode mode) override {
        return below_.open(path, mode);
    }
    result<done_t> create_directories(std::string_view path) override {
        return below_.create_directories(path);
    }
    result<std::vector<directory_entry>> list(std::string_view path) override {
        return below_.list(path);
    }
    result<done_t> rename(std::string_view from, std::string_view to) override {
        return below_.rename(from, to);
    }
    result<done_t> remove(std::string_view path) override { return below_.remove(path); }
    result<done_t> remove_tree(std::string_view path) override { return below_.remove_tree(path); }
    result<done_t> sync_directory(std::string_view path) override {
        return below_.sync_directory(path);
    }
    result<std::unique_ptr<directory_lock>> lock(std::string_view path) override {
        return below_.lock(path);
    }
    std::string boot_id() const override { return below_.boot_id(); }
    std::uint64_t free_bytes() const override { return below_.free_bytes(); }
    std::string display_path(std::string_view path) const override {
        return below_.display_path(path);
    }

protected:
    disk& below() { return below_; }

private:
    disk& below_;
};

}  // namespace iggy::storage
