#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <iggy/storage/disk.hpp>
#include "forwarding_disk.hpp"

/// Another disk whose calls that change or sync something are counted, and of which one, or all
/// from one on, fail. A write that fails has written half of its first part.
class failing_disk final : public iggy::storage::disk {
    template <class T>
    using result = iggy::storage::result<T>;
    using done_t = iggy::done_t;

public:
    explicit failing_disk(iggy::storage::disk& below) : below_{below} {}

    /// The call number `step` from now on (from 0) fails with `failure`, as do, if `stays`, all
    /// later ones.
    void fail_at(int step, iggy::storage::error failure, bool stays) {
        steps_left_ = step;
        failure_ = failure;
        stays_ = stays;
        failed_ = false;
    }
    /// Nothing fails any more.
    void heal() { failure_.reset(); }
    bool has_failed() const noexcept { return failed_; }

    result<std::unique_ptr<iggy::storage::file>> open(std::string_view path,
                                                      iggy::storage::open_mode mode) override {
        if (mode == iggy::storage::open_mode::create) {
            if (auto failure = next_step()) {
                return *failure;
            }
        }
        auto opened = below_.open(path, mode);
        if (!opened) {
            return opened;
        }
        return std::make_unique<failing_file>(*this, std::move(*opened));
    }
    result<done_t> create_directories(std::string_view path) override {
        return step([&] { return below_.create_directories(path); });
    }
    result<std::vector<iggy::storage::directory_entry>> list(std::string_view path) override {
        return below_.list(path);
    }
    result<done_t> rename(std::string_view from, std::string_view to) override {
        return step([&] { return below_.rename(from, to); });
    }
    result<done_t> remove(std::string_view path) override {
        return step([&] { return below_.remove(path); });
    }
    result<done_t> remove_tree(std::string_view path) override {
        return step([&] { return below_.remove_tree(path); });
    }
    result<done_t> sync_directory(std::string_view path) override {
        return step([&] { return below_.sync_directory(path); });
    }
    result<std::unique_ptr<iggy::storage::directory_lock>> lock(std::string_view path) override {
        return below_.lock(path);
    }
    std::string boot_id() const override { return below_.boot_id(); }
    std::string display_path(std::string_view path) const override {
        return below_.display_path(path);
    }

private:
    class failing_file final : public iggy::storage::forwarding_file {
    public:
        failing_file(failing_disk& disk, std::unique_ptr<iggy::storage::file> below)
            : forwarding_file{std::move(below)}, disk_{disk} {}

        result<done_t> write_at(std::uint64_t position,
                                std::span<const iggy::byte_view> parts) override {
            if (auto failure = disk_.next_step()) {
                if (!parts.empty()) {
                    const iggy::byte_view half = parts.front().first(parts.front().size() / 2);
                    static_cast<void>(below().write_at(position, {&half, 1}));
                }
                return *failure;
            }
            return below().write_at(position, parts);
        }
        result<done_t> sync() override {
            return disk_.step([&] { return below().sync(); });
        }
        result<done_t> allocate(std::uint64_t position, std::uint64_t length) override {
            return disk_.step([&] { return below().allocate(position, length); });
        }
        result<done_t> resize(std::uint64_t size) override {
            return disk_.step([&] { return below().resize(size); });
        }
        int descriptor() const noexcept override { return -1; }

    private:
        failing_disk& disk_;
    };

    /// The failure of this step, if it is to fail.
    std::optional<iggy::storage::error> next_step() {
        if (!failure_) {
            return std::nullopt;
        }
        const bool fails = steps_left_ == 0 || (steps_left_ < 0 && stays_);
        --steps_left_;
        failed_ = failed_ || fails;
        return fails ? failure_ : std::nullopt;
    }
    template <class Call>
    result<done_t> step(Call call) {
        if (auto failure = next_step()) {
            return *failure;
        }
        return call();
    }

    iggy::storage::disk& below_;
    std::optional<iggy::storage::error> failure_;
    int steps_left_ = 0;
    bool stays_ = false;
    bool failed_ = false;
};
