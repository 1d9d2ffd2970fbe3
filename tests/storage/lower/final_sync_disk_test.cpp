// Failed syncs of directories, which the kernel tells of once.

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <thread>

#include "final_sync_disk.hpp"
#include "storage/crash/crashing_disk.hpp"
#include "support/borrowed_disk.hpp"
#include "support/catch.hpp"

using namespace iggy;
using namespace iggy::storage;

namespace {

/// Counts how many are in a sync at once.
class crowded_disk final : public borrowed_disk {
public:
    using borrowed_disk::borrowed_disk;
    result<done_t> sync_directory(std::string_view path) override {
        const int now = ++inside_;
        most_ = std::max(most_.load(), now);
        std::this_thread::yield();
        auto synced = borrowed_disk::sync_directory(path);
        --inside_;
        return synced;
    }
    int most() const { return most_; }

private:
    std::atomic<int> inside_{0};
    std::atomic<int> most_{0};
};

}  // namespace

TEST_CASE("final sync: a directory that failed to sync once fails ever after, and no other does",
          "[storage][disk]") {
    crashing_disk machine{1};
    const auto device = machine.mount();
    const auto disk = make_final_sync_disk(*device);
    REQUIRE(disk->create_directories("a/b"));
    machine.fail({.kinds = {disk_call::sync_directory}, .with = error{errc::io, EIO}});
    for (int i = 0; i < 2; ++i) {
        const auto synced = disk->sync_directory("a");
        REQUIRE_FALSE(synced);
        CHECK(synced.error().sys_errno == EIO);
    }
    CHECK(disk->sync_directory("a/b"));
    CHECK(disk->sync_directory(""));
}

TEST_CASE("final sync: a directory that could not even be opened is tried again",
          "[storage][disk]") {
    const auto refused = GENERATE(error{errc::io, EMFILE}, error{errc::io, ENFILE},
                                  error{errc::io, ENOMEM}, error{errc::not_found, ENOENT});
    crashing_disk machine{1};
    const auto device = machine.mount();
    const auto disk = make_final_sync_disk(*device);
    machine.fail({.kinds = {disk_call::sync_directory}, .with = refused});
    CHECK_FALSE(disk->sync_directory(""));
    CHECK(disk->sync_directory(""));
}

TEST_CASE("final sync: one directory is synced by one thread at a time", "[storage][disk]") {
    const auto memory = make_memory_disk();
    crowded_disk crowded{*memory};
    const auto disk = make_final_sync_disk(crowded);
    const auto sync_often = [&] {
        for (int i = 0; i < 2000; ++i) {
            static_cast<void>(disk->sync_directory(""));
        }
    };
    std::thread other{sync_often};
    sync_often();
    other.join();
    CHECK(crowded.most() == 1);
}
