#include <memory>
#include <string>
#include <vector>

#include "manifest.hpp"
#include "storage/crash/crashing_disk.hpp"
#include "storage/lower/test_disks.hpp"
#include "support/catch.hpp"
#include "support/failing_disk.hpp"

using namespace iggy::storage;
using iggy::log_uid;
namespace record = iggy::storage::manifest_record;

namespace {

manifest_change create(std::uint64_t uid) {
    return record::create{log_uid{uid}, "log" + std::to_string(uid)};
}

std::size_t count_of(disk& disk) { return manifest::open(disk).value().file->entries().size(); }

/// Made on an empty disk, durably.
std::unique_ptr<manifest> manifest_of_one_log(disk& on) {
    auto file = manifest::open(on).value().file;
    file->commit(std::vector{create(1)}).value();
    on.sync_directory("").value();
    return file;
}

}  // namespace

TEST_CASE(
    "manifest: whatever step fails, what was acknowledged is there and the rest is all or none",
    "[storage][manifest][crash]") {
    const error failure = GENERATE(error{errc::io, EIO}, error{errc::no_space, ENOSPC});
    const bool stays = GENERATE(false, true);
    bool failed = true;
    for (int fail_at = 0; failed; ++fail_at) {  // until the workload ends before its failure
        CAPTURE(fail_at, stays, failure.sys_errno);
        const auto memory = make_memory_disk();
        failing_disk disk{*memory};
        disk.fail_at(fail_at, failure, stays);
        std::uint64_t acknowledged = 0;
        std::uint64_t tried = 0;
        {
            const auto file = manifest::open(disk).value().file;
            while (tried < 5) {
                const std::vector pair{create(2 * tried), create(2 * tried + 1)};
                ++tried;
                if (!file->commit(pair)) {
                    break;
                }
                ++acknowledged;
                REQUIRE(file->entries().size() == acknowledged * 2);
            }
            REQUIRE(file->entries().size() == acknowledged * 2);  // memory says what is certain
        }
        failed = disk.has_failed();
        const std::size_t found = count_of(*memory);
        REQUIRE(found % 2 == 0);
        REQUIRE(found / 2 >= acknowledged);
        REQUIRE(found / 2 <= tried);
    }
}

TEST_CASE("manifest: a full disk is a state that passes", "[storage][manifest]") {
    const auto memory = make_memory_disk();
    failing_disk disk{*memory};
    const auto file = manifest::open(disk).value().file;
    const std::vector one{create(1)};
    const std::vector two{create(2)};
    SECTION("when the file is made") {
        for (int step = 0; step < 3; ++step) {
            disk.fail_at(step, error{errc::no_space, ENOSPC}, false);
            CHECK(file->commit(one).error().code == errc::no_space);
        }
    }
    SECTION("when it grows") {
        file->commit(one).value();
        disk.fail_at(1, error{errc::no_space, ENOSPC}, false);  // 0 is the hint
        CHECK(file->commit(two).error().code == errc::no_space);
        CHECK(count_of(*memory) == 1);
    }
    file->commit(two).value();
    CHECK(manifest::open(*memory).value().file->find(log_uid{2}));
}

TEST_CASE("manifest: a failed sync is final", "[storage][manifest]") {
    const auto memory = make_memory_disk();
    failing_disk disk{*memory};
    const auto file = manifest::open(disk).value().file;
    file->commit(std::vector{create(1)}).value();
    disk.fail_at(2, error{errc::io, EIO}, false);  // after the hint and the write
    CHECK(file->commit(std::vector{create(2)}).error().sys_errno == EIO);
    CHECK(file->commit(std::vector{create(3)}).error().sys_errno == EIO);
    CHECK(file->entries().size() == 1);
}

TEST_CASE("manifest: what was acknowledged after a rewriting outlives a power cut",
          "[storage][manifest][crash]") {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        CAPTURE(seed);
        crashing_disk machine{seed};
        {
            const auto on = machine.mount();
            const auto file = manifest_of_one_log(*on);
            const auto size = [&on] {
                return on->open("manifest", open_mode::read).value()->size().value();
            };
            const std::vector<manifest_change> group(1000, record::start{log_uid{1}, {}});
            for (std::uint64_t before = 0; before <= size();) {  // until it has become smaller
                before = size();
                file->commit(group).value();
            }
            file->commit(std::vector{create(2)}).value();
        }
        machine.stop(stop_kind::power_cut);
        CHECK(count_of(*machine.mount()) == 2);
    }
}

TEST_CASE("manifest: what a start after a failed sync and a kill found outlives a power cut",
          "[storage][manifest][crash]") {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        CAPTURE(seed);
        crashing_disk machine{seed};
        {
            const auto on = machine.mount();
            const auto file = manifest_of_one_log(*on);
            machine.fail({.kinds = {disk_call::sync}});
            REQUIRE_FALSE(file->commit(std::vector{create(2)}));
        }
        machine.stop(stop_kind::killed);
        {
            const auto on = machine.mount();
            REQUIRE(manifest::open(*on, page_cache::unproven).value().file->entries().size() == 2);
        }
        machine.stop(stop_kind::power_cut);
        CHECK(count_of(*machine.mount()) == 2);
    }
}
