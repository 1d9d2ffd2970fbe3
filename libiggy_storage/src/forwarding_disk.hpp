#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
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
    result<done_t> remove_without_haste(std::string_view path) override {
        return below_.remove_without_haste(path);
    }
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

/// Passes every call on to another file, which it owns: a base for those that change some.
class forwarding_file : public file {
public:
    explicit forwarding_file(std::unique_ptr<file> below) : below_{std::move(below)} {}

    result<std::size_t> read_at(std::uint64_t position, byte_span into) override {
        return below_->read_at(position, into);
    }
    result<std::size_t> try_read_at(std::uint64_t position, byte_span into) override {
        return below_->try_read_at(position, into);
    }
    result<done_t> write_at(std::uint64_t position, std::span<const byte_view> parts) override {
        return below_->write_at(position, parts);
    }
    result<done_t> write_back(std::uint64_t begin, std::uint64_t end) override {
        return below_->write_back(begin, end);
    }
    result<done_t> sync() override { return below_->sync(); }
    result<done_t> allocate(std::uint64_t position, std::uint64_t length) override {
        return below_->allocate(position, length);
    }
    result<done_t> resize(std::uint64_t size) override { return below_->resize(size); }
    result<std::uint64_t> size() override { return below_->size(); }
    int descriptor() const noexcept override { return below_->descriptor(); }

protected:
    file& below() { return *below_; }

private:
    std::unique_ptr<file> below_;
};

}  // namespace iggy::storage
