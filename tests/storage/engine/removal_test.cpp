#include <algorithm>
#include <filesystem>
#include <span>

#include <fmt/format.h>

#include "io_queues.hpp"
#include "log_state.hpp"
#include "storage/crash/crashing_disk.hpp"
#include "storage/crash/test_message.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"
#include "test_store.hpp"

using namespace iggy;
using namespace iggy::storage;
namespace fs = std::filesystem;

namespace {

void fill(test_store& store, int count) {
    for (int i = 0; i < count; ++i) {
        REQUIRE(store.append({fmt::format("{:0236}", i)}));
    }
    store.settle();
}

}  // namespace

TEST_CASE("purge: nothing comes back, offsets start at 0, also after a restart", "[storage]") {
    const auto level = GENERATE(durability::memory, durability::written, durability::synced);
    temporary_directory at;
    {
        test_store store{at.path(), {.durability = level}, {.segment_bytes = 1000}};
        fill(store, 12);
        REQUIRE(store.store_offset(1, 5));
        REQUIRE(store.purge());
        CHECK(store.read_all().empty());
        CHECK(store.log().messages_count() == 0);
        CHECK_FALSE(store.log().stored_offset(offset_key{1}));
        CHECK(store.append({"new"}).value().raw() == 0);
        REQUIRE(store.flush(false));
    }
    test_store store{at.path()};
    CHECK(store.read_all() == std::vector<seen_message>{{0, "new"}});
    CHECK_FALSE(store.log().stored_offset(offset_key{1}));
}

TEST_CASE("truncation: whole old segments go, the rest stays", "[storage]") {
    temporary_directory at;
    {
        test_store store{at.path(), {}, {.segment_bytes = 1000}};
        fill(store, 20);
        REQUIRE(store.truncate_before(11));
        const auto left = store.read_all();
        REQUIRE_FALSE(left.empty());
        CHECK(left.front().offset <= 11);
        CHECK(left.front().offset > 0);
        CHECK(left.back().offset == 19);
        CHECK(store.log().start().raw() == left.front().offset);
        // A read from before the oldest starts with the oldest.
        CHECK(store.read(read_start::offset, 0, 1).value().front() == left.front());
        CHECK(store.read(read_start::last, 0, 100).value() == left);
    }
    test_store store{at.path()};
    CHECK(store.read_all().back().offset == 19);
    CHECK(store.read_all().front().offset > 0);
}

TEST_CASE("truncation: the index of the segment that was cut is made anew, not believed",
          "[storage]") {
    temporary_directory at;
    const fs::path index = fs::path{at.path()} / "logs/one/00000000000000000000.sparse";
    {
        test_store store{at.path()};
        fill(store, 100);
        REQUIRE(store.close());
    }
    REQUIRE(fs::exists(index));
    test_store store{at.path()};
    REQUIRE(store.truncate_after(50));
    CHECK_FALSE(fs::exists(index));
    REQUIRE(store.close());
    CHECK(fs::exists(index));
}

TEST_CASE("truncation: messages at and past an offset go and their offsets are given again",
          "[storage]") {
    for (std::uint64_t cut = 0; cut <= 20; ++cut) {
        CAPTURE(cut);
        temporary_directory at;
        {
            test_store store{at.path(), {}, {.segment_bytes = 1000}};
            fill(store, 20);
            REQUIRE(store.truncate_after(cut));
            CHECK(store.read_all().size() == cut);
            CHECK(store.log().messages_count() == cut);
            CHECK(store.append({"again"}).value().raw() == cut);
        }
        test_store store{at.path()};
        const auto all = store.read_all();
        REQUIRE(all.size() == cut + 1);
        CHECK(all.back() == seen_message{cut, "again"});
    }
}

TEST_CASE("truncation: once acknowledged, it and all that it keeps outlive a power cut",
          "[storage]") {
    const store_options options{
        .durability = GENERATE(durability::memory, durability::written, durability::synced),
        .journal_file_bytes = 128 << 10,
        .index_interval_bytes = 4096};
    for (std::uint64_t seed = 0; seed < 15; ++seed) {
        CAPTURE(seed, static_cast<int>(options.durability));
        crashing_disk disk{seed};
        const std::uint64_t end = 20 + 67 * seed % 970;
        {
            test_store store{disk.mount(), options, {.segment_bytes = 400'000}};
            fill(store, 1000);
            REQUIRE(store.truncate_after(end));
            disk.stop(stop_kind::power_cut);
        }
        {
            test_store store{disk.mount(), options, {.segment_bytes = 400'000}};
            for (std::uint64_t offset = 0; offset < end; ++offset) {
                const auto found = store.read(read_start::offset, offset, 1).value();
                REQUIRE(found.size() == 1);
                CHECK(found.front() == seen_message{offset, fmt::format("{:0236}", offset)});
            }
            CHECK(store.read_all().size() == end);
            disk.stop(stop_kind::power_cut);
        }
        test_store store{disk.mount(), options, {.segment_bytes = 400'000}};
        CHECK(store.read_all().size() == end);
    }
}

TEST_CASE("truncation: what a start that finished it does not show is gone for good", "[storage]") {
    const store_options options{.durability = durability::written};
    const auto text_of = [](const seen_message& message) { return message.text; };
    bool stopped = true;
    for (std::uint64_t step = 0; stopped; ++step) {
        for (std::uint64_t seed = 0; seed < 40; ++seed) {
            CAPTURE(step, seed);
            crashing_disk disk{seed};
            {
                test_store store{disk.mount(), options, {.segment_bytes = 1000}};
                fill(store, 8);
                disk.stop_at(disk.steps() + step, stop_kind::killed);
                static_cast<void>(store.truncate_after(2));
                stopped = disk.is_stopped();
                disk.stop(stop_kind::killed);
            }
            std::vector<seen_message> shown;
            {
                test_store store{disk.mount(), options, {.segment_bytes = 1000}};
                shown = store.read_all();
                disk.stop(stop_kind::power_cut);
            }
            test_store store{disk.mount(), options, {.segment_bytes = 1000}};
            const auto found = store.read_all();
            CHECK(found.size() <= shown.size());
            CHECK(std::ranges::equal(found,
                                     std::span{shown}.first(std::min(found.size(), shown.size())),
                                     {}, text_of, text_of));
        }
    }
}

TEST_CASE("truncation: two kills on its way leave no stored offset past its end", "[storage]") {
    const store_options options{.durability = durability::memory};
    const auto start = [&](std::unique_ptr<disk> mounted) {
        return data_directory::open(std::move(mounted), [] { return make_step_queue(0); }, options);
    };
    bool recovery_stopped = true;
    for (std::uint64_t step = 0; recovery_stopped; ++step) {
        CAPTURE(step);
        crashing_disk disk{1};
        {
            test_store store{disk.mount(), options, {}};
            REQUIRE(store.append(std::vector<std::string>(10, "message")));
            REQUIRE(store.store_offset(1, 8));
            REQUIRE(store.flush(true));
            disk.stop_at(disk.steps() + 2, stop_kind::killed);  // the truncation is recorded
            REQUIRE_FALSE(store.truncate_after(4));
        }
        {
            auto mounted = disk.mount();
            disk.stop_at(disk.steps() + step, stop_kind::killed);
            if (const auto directory = start(std::move(mounted))) {
                const auto engine = storage::engine::create(*directory).value();
                recovery_stopped = !engine->open_log((*directory)->find("logs/one").value());
                engine->run_ready();
            }
            disk.stop(stop_kind::killed);
        }
        // Offsets that the kills may have lost are reserved past the stored one.
        test_store store{disk.mount(), options, {}};
        CHECK(store.read_all().size() == 4);
        CHECK(store.log().stored_offset(offset_key{1}) == message_offset{3});
    }
}

TEST_CASE("segments: the oldest sealed ones are deleted, none past the lowest stored offset",
          "[storage]") {
    temporary_directory at;
    test_store store{at.path(), {}, {.segment_bytes = 1000}};
    fill(store, 20);
    const auto counters = store.directory().counters(store.log().uid());
    const auto before = counters->segments.load();
    REQUIRE(before == 4);  // five messages in each
    REQUIRE(store.store_offset(1, 3));
    REQUIRE(store.delete_oldest_segments(10));
    CHECK(counters->segments == before);  // the first one reaches past offset 3
    REQUIRE(store.store_offset(1, 4));
    REQUIRE(store.delete_oldest_segments(10));
    CHECK(counters->segments == before - 1);
    REQUIRE(store.store_offset(1, 19));
    REQUIRE(store.delete_oldest_segments(1));
    CHECK(counters->segments == before - 2);
    REQUIRE(store.delete_oldest_segments(10));
    CHECK(counters->segments == 1);  // the open one stays
    CHECK(store.log().messages_count() == store.read_all().size());
    CHECK(store.append({"next"}).value().raw() == 20);
}

TEST_CASE("removal: a removed log frees its name, and its successor starts empty", "[storage]") {
    temporary_directory at;
    auto directory = data_directory::open(at.path()).value();
    const std::string name = "a/b";
    const auto first = directory->create_logs({&name, 1}).value().front();
    CHECK(directory->create_logs({&name, 1}).error().code == errc::already_exists);
    for (const std::string nested : {"a/b/c", "a"}) {
        CHECK(directory->create_logs({&nested, 1}).error().code == errc::invalid_argument);
    }
    REQUIRE(directory->remove_logs({&first, 1}));
    CHECK_FALSE(directory->find(name));
    const auto second = directory->create_logs({&name, 1}).value().front();
    CHECK(second > first);
}

TEST_CASE("dropping: a log stays until the last that was asked of it has ended",
          "[storage][removal]") {
    struct append final : append_operation {
        void on_finished() noexcept override {}
    };
    struct plain final : operation {
        void on_finished() noexcept override {}
    };
    struct drop final : operation {
        explicit drop(engine& by) : by_{by} {}
        void on_finished() noexcept override { left = by_.in_flight(); }
        std::optional<std::size_t> left;

    private:
        engine& by_;
    };
    crashing_disk disk{1};
    test_store store{disk.mount(), {.inline_write_bytes_max = 0}, {}};
    auto first = make_batch({"first"});
    append on_its_way;
    on_its_way.messages = first;
    REQUIRE(store.log().append(on_its_way) == progress::pending);
    // Its offset is past what is reserved, so that it waits for the first and for a recovery point,
    auto second = make_batch({"second"});
    stamp_message(second, 2 * reserved_offsets, 1'000'000);
    append held;
    held.messages = second;
    held.stamped = true;
    REQUIRE(store.log().append(held) == progress::pending);
    // and so does this, behind it. The point fails at its index.
    plain flushed;
    REQUIRE(store.log().flush(true, flushed) == progress::pending);
    disk.fail({.kinds = {disk_call::write, disk_call::resize}, .skipped = 1, .stays = true});
    drop dropped{store.engine()};
    const log_uid uid = store.log().uid();
    REQUIRE(store.engine().drop_log(uid, dropped) == progress::pending);
    store.settle();
    CHECK(dropped.left == 0U);
    CHECK(store.engine().find(uid) == nullptr);
    CHECK(on_its_way.outcome);
    CHECK_FALSE(held.outcome);
    CHECK(flushed.outcome);
}

TEST_CASE("dropping: a log that is being closed ends both", "[storage][removal]") {
    struct plain final : operation {
        bool finished = false;
        void on_finished() noexcept override { finished = true; }
    };
    crashing_disk disk{1};
    test_store store{disk.mount(), {}, {}};
    REQUIRE(store.append({"kept"}));
    const log_uid uid = store.log().uid();
    plain closed;
    plain dropped;
    REQUIRE(store.engine().close_log(uid, closed) == progress::pending);
    REQUIRE(store.engine().drop_log(uid, dropped) == progress::pending);
    store.settle();
    CHECK(closed.finished);
    CHECK(dropped.finished);
    CHECK(store.engine().find(uid) == nullptr);
}
