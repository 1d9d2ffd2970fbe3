// A disk that fails at each of its steps in turn.

#include <map>

#include <fmt/format.h>

#include "storage/crash/crashing_disk.hpp"
#include "support/borrowed_disk.hpp"
#include "support/catch.hpp"
#include "support/failing_disk.hpp"
#include "support/temporary_directory.hpp"
#include "test_store.hpp"

using namespace iggy;
using namespace iggy::storage;

TEST_CASE(
    "failure: whatever step of the disk fails, what was acknowledged stays and nothing else "
    "appears",
    "[storage][failure]") {
    const auto level = GENERATE(durability::written, durability::synced);
    const auto why = GENERATE(errc::no_space, errc::io);
    bool failed = true;
    for (int fail_at = 0; failed; ++fail_at) {
        CAPTURE(fail_at, static_cast<int>(level), static_cast<int>(why));
        REQUIRE(fail_at < 1000);
        temporary_directory at;
        const auto real = open_disk(at.path()).value();
        failing_disk faulty{*real};
        std::map<std::uint64_t, std::string> acknowledged;
        {
            test_store store{std::make_unique<borrowed_disk>(faulty),
                             {.durability = level, .unsynced_log_bytes = 2000, .reserve_bytes = 0},
                             {.segment_bytes = 1500}};
            faulty.fail_at(fail_at, why, false);
            for (int i = 0; i < 12; ++i) {
                const std::vector<std::string> texts{fmt::format("{:0300}", i),
                                                     fmt::format("{:0300}", 1000 + i)};
                const auto first = store.append(texts);
                if (!first) {
                    continue;
                }
                for (std::uint64_t n = 0; n < texts.size(); ++n) {
                    REQUIRE(acknowledged.emplace(first->raw() + n, texts[n]).second);
                }
            }
            store.settle();
            failed = faulty.has_failed();
            // A write that failed is no reason to refuse the next one; a sync that failed is final.
            const auto again = store.append({"again"});
            REQUIRE((again.has_value() || again.error().code == errc::read_only || !failed));
            if (again) {
                acknowledged.emplace(again->raw(), "again");
            }
            std::map<std::uint64_t, std::string> found;
            for (auto& message : store.read_all()) {
                found[message.offset] = message.text;
            }
            REQUIRE((found == acknowledged));
        }
        test_store store{at.path()};
        std::map<std::uint64_t, std::string> found;
        for (auto& message : store.read_all()) {
            found[message.offset] = message.text;
        }
        if (level == durability::synced && !acknowledged.empty()) {
            // What was written and never acknowledged may be there, behind everything that was.
            found.erase(found.upper_bound(acknowledged.rbegin()->first), found.end());
        }
        REQUIRE((found == acknowledged || (level == durability::synced && acknowledged.empty())));
    }
}

TEST_CASE("failure: what a start shows after a failed sync and a kill outlives a power cut",
          "[storage][failure]") {
    const store_options options{.durability = durability::synced};
    bool failed = true;
    for (std::uint64_t sync = 0; failed; ++sync) {
        CAPTURE(sync);
        crashing_disk disk{sync + 1};
        {
            test_store store{disk.mount(), options, {}};
            disk.fail({.kinds = {disk_call::sync}, .skipped = sync});
            for (int i = 0; i < 5; ++i) {
                static_cast<void>(store.append({fmt::format("{:0300}", i)}));
                static_cast<void>(store.store_offset(1, 0));
            }
            failed = disk.has_failed();
            disk.stop(stop_kind::killed);
        }
        disk.fail_no_more();
        std::vector<seen_message> shown;
        std::optional<message_offset> stored;
        {
            test_store store{disk.mount(), options, {}};
            shown = store.read_all();
            stored = store.log().stored_offset(offset_key{1});
            disk.stop(stop_kind::power_cut);
        }
        test_store store{disk.mount(), options, {}};
        CHECK(store.read_all() == shown);
        CHECK(store.log().stored_offset(offset_key{1}) == stored);
    }
}

TEST_CASE(
    "failure: a stored offset from before a purge that failed comes back with its message or not "
    "at all",
    "[storage][failure]") {
    const store_options options{.durability = durability::written, .reserve_bytes = 0};
    for (std::uint64_t run = 0; run < 100; ++run) {
        CAPTURE(run);
        crashing_disk disk{run};
        {
            test_store store{disk.mount(), options, {}};
            REQUIRE(store.append({"one", "two"}));
            REQUIRE(store.store_offset(7, 1));
            disk.fail({.kinds = {disk_call::sync_directory}, .skipped = run % 3});
            (void)store.purge();
            disk.stop(stop_kind::killed);
        }
        disk.fail_no_more();
        {
            test_store store{disk.mount(), options, {}};  // empties the trash
            disk.stop(stop_kind::power_cut);
        }
        test_store store{disk.mount(), options, {}};
        const auto stored = store.log().stored_offset(offset_key{7});
        CHECK((!stored || *stored < store.log().committed_next()));
    }
}

TEST_CASE("failure: a directory that failed to sync for one log is durable for no other",
          "[storage][failure]") {
    const auto batches = GENERATE(1, 9);  // of those of the journal a file holds four
    const std::string text(batches == 1 ? 2000 : 200, 'x');
    const store_options options{.durability = durability::synced,
                                .journal_batch_bytes_max = 1000,
                                .journal_file_bytes = 16 << 10};
    for (std::uint64_t run = 0; run < 40; ++run) {
        CAPTURE(batches, run);
        crashing_disk disk{run};
        std::size_t acknowledged = 0;
        {
            test_store store{disk.mount(), options, {.durability = durability::written}};
            REQUIRE(store.append({"one"}));
            store.turn_to("logs/two", {});
            const bool is_made_before = run % 2 == 0;
            if (is_made_before) {
                acknowledged += store.append({text}) ? 1 : 0;
            }
            store.turn_to("logs/one", {});
            disk.fail(
                {.kinds = {disk_call::sync_directory}, .skipped = 1 + run / 2 % 2});  // not its own
            REQUIRE_FALSE(store.flush(true));
            store.turn_to("logs/two", {});
            for (int i = 0; i < batches; ++i) {
                acknowledged += store.append({text}) ? 1 : 0;
                store.settle();
            }
            disk.stop(stop_kind::power_cut);
        }
        test_store store{disk.mount(), options, {}};
        store.turn_to("logs/two", {});
        CHECK(store.read_all().size() >= acknowledged);
    }
}

TEST_CASE(
    "failure: a power cut brings nothing of a failed write back, behind or in place of the next",
    "[storage][failure]") {
    const store_options options{.durability = GENERATE(durability::written, durability::synced),
                                .journal_file_bytes = 128 << 10};
    // One message fills a sector, so that what is left of a batch goes on where a shorter one ends.
    const auto sector_of = [](char letter) { return std::string(448, letter); };
    const std::vector<std::string> failing{sector_of('b'), sector_of('c')};
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
        for (std::uint64_t steps = 0; steps < 12; ++steps) {
            CAPTURE(seed, steps, static_cast<int>(options.durability));
            crashing_disk disk{seed};
            bool acknowledged = false;
            {
                test_store store{disk.mount(), options, {}};
                REQUIRE(store.append({sector_of('a')}));
                REQUIRE(store.flush(true));
                disk.fail({.kinds = {disk_call::write}, .skipped = 0});
                REQUIRE_FALSE(store.append(failing));
                disk.stop_at(disk.steps() + steps, stop_kind::power_cut);
                acknowledged = store.append({sector_of('d')}).has_value();
                disk.stop(stop_kind::power_cut);
            }
            test_store store{disk.mount(), options, {}};
            const auto found = store.read_all();
            for (const seen_message& message : found) {
                const char letter = message.text.front();
                CHECK((letter == 'a' || (letter == 'd' && message.offset == 1)));
            }
            CHECK(found.size() >=
                  (acknowledged && options.durability == durability::synced ? 2 : 1));
        }
    }
}

TEST_CASE("failure: what waits for a sync hears of a write behind it that cannot be taken back",
          "[storage][failure]") {
    const std::string large(300'000, 'x');  // for the journal, and for a write within the call
    crashing_disk disk{7};
    {
        test_store store{disk.mount(),
                         {.durability = durability::synced, .inline_write_bytes_max = 256 << 10},
                         {}};
        disk.fail({.kinds = {disk_call::write, disk_call::resize}, .skipped = 2, .stays = true});
        const auto firsts = store.append_together({{large}, {large}});
        CHECK(firsts[1].error().code == errc::read_only);
        store.settle();
        disk.stop(stop_kind::killed);
    }
    disk.fail_no_more();
    test_store store{disk.mount(), {.durability = durability::synced}, {}};
    CHECK(store.append({"again"}));
}
