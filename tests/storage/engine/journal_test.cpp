// What the journal keeps, and what a start makes of it.

#include <atomic>
#include <chrono>
#include <future>
#include <thread>

#include "io_queues.hpp"
#include "journal.hpp"
#include "storage/crash/crashing_disk.hpp"
#include "support/borrowed_disk.hpp"
#include "support/catch.hpp"
#include "test_store.hpp"

using namespace iggy;
using namespace iggy::storage;

namespace {

constexpr const char* journal_path = "iggy.journal/1.journal";
const store_options synced{.durability = durability::synced,
                           .journal_batch_bytes_max = 1000,
                           .journal_file_bytes = 16 << 10};

std::unique_ptr<test_store> open_in(disk& below, const store_options& options = synced) {
    return std::make_unique<test_store>(std::make_unique<borrowed_disk>(below, "boot"), options,
                                        log_options{});
}

std::string segment_of(test_store& store) {
    return store.log().path() + "/00000000000000000000.log";
}

void cut(disk& at, const std::string& path, std::uint64_t bytes) {
    REQUIRE(at.open(path, open_mode::read_write).value()->resize(bytes));
}

std::vector<std::string> texts_of(test_store& store) {
    std::vector<std::string> texts;
    for (const seen_message& message : store.read_all()) {
        texts.push_back(message.text);
    }
    return texts;
}

class done_at_once : public operation {
public:
    void on_finished() noexcept override {}
};

/// Two messages are acknowledged, the process dies, and the segment loses everything.
std::unique_ptr<disk> disk_without_segment() {
    auto below = make_memory_disk();
    std::string path;
    {
        const auto store = open_in(*below);
        path = segment_of(*store);
        REQUIRE(store->append({"one"}));
        REQUIRE(store->append({"two"}));
        REQUIRE(store->store_offset(7, 1));
    }
    cut(*below, path, 0);
    return below;
}

/// Commits one change at a time to a journal of its own.
class single_changes : public journal_client {
public:
    explicit single_changes(disk& on) : to_{on, directory_id{}, synced, {}} {}

    result<done_t> commit() {
        journal_entry entry;
        entry.what = journal_entry::kind::store_offset;
        entry.log = {log_uid{1}, 1};
        std::vector<journal_request> requests{{this, entry, &file_, &directory_, false}};
        to_.add(requests);
        REQUIRE(to_.take_duty());
        to_.commit_waiting();
        return heard_.value();
    }
    void deliver(std::size_t, const result<done_t>& outcome) override { heard_ = outcome; }
    storage::journal& journal() { return to_; }

private:
    std::string directory_ = "log";
    std::string file_ = "log/stored.offsets";
    storage::journal to_;
    std::optional<result<done_t>> heard_;
};

}  // namespace

TEST_CASE("journal: after a failed sync it takes nothing more, of any log", "[storage][journal]") {
    crashing_disk below{1};
    const auto on = below.mount();
    single_changes changes{*on};
    REQUIRE(changes.commit());
    below.fail({.kinds = {disk_call::sync}, .skipped = 0});
    CHECK(changes.commit().error().code == errc::read_only);
    CHECK(changes.commit().error().code == errc::read_only);
}

TEST_CASE("journal: while it syncs what a file covers, somebody else may hear that a sync failed",
          "[storage][journal]") {
    crashing_disk below{1};
    const auto on = below.mount();
    on->create_directories("log").value();
    on->open("log/stored.offsets", open_mode::create).value();
    single_changes changes{*on};
    for (int i = 0; i < 5; ++i) {  // a file holds four
        REQUIRE(changes.commit());
    }
    bool failed = false;
    below.trace([&](std::string_view call) {
        if (call.find("sync log/stored.offsets") != std::string_view::npos) {
            failed = true;
            CHECK_FALSE(
                changes.journal().watch([] { return result<done_t>{error{errc::io, EIO}}; }));
        }
    });
    CHECK(changes.journal().recycle().error().code == errc::read_only);
    REQUIRE(failed);
    below.trace({});
    std::array<std::byte, 4> magic{};
    on->open(journal_path, open_mode::read).value()->read_at(0, magic).value();
    CHECK(magic != std::array<std::byte, 4>{});
}

TEST_CASE("journal: a sync that failed in its hands ends the log, though the log's own succeeds",
          "[storage][journal]") {
    const std::string_view file = GENERATE(".log", "log.identity");
    CAPTURE(file);
    const auto fill_a_file = [](test_store& store) {
        for (int i = 0; i < 5; ++i) {  // a file holds four
            REQUIRE(store.append({"message"}));
        }
        store.settle();
    };
    // Which sync is the one for what a full file covers?
    std::uint64_t syncs = 0;
    std::optional<std::uint64_t> of_covered;
    {
        crashing_disk below{1};
        test_store store{below.mount(), synced, log_options{}};
        below.trace([&](std::string_view call) {
            const bool is_sync = call.find(" sync ") != std::string_view::npos;
            if (is_sync && call.find(file) != std::string_view::npos) {
                of_covered = syncs;
            }
            syncs += is_sync ? 1 : 0;
        });
        fill_a_file(store);
    }
    REQUIRE(of_covered);
    crashing_disk below{1};
    test_store store{below.mount(), synced, log_options{}};
    below.fail({.kinds = {disk_call::sync}, .skipped = *of_covered});
    fill_a_file(store);
    REQUIRE(below.has_failed());
    const auto flushed = store.flush(true);
    REQUIRE_FALSE(flushed);
    CHECK(flushed.error().code == errc::read_only);
    CHECK(store.append({"more"}).error().code == errc::read_only);
}

TEST_CASE("journal: syncs of logs that begin later do not hold up the recycling of a file",
          "[storage][journal]") {
    crashing_disk below{1};
    const auto on = below.mount();
    single_changes changes{*on};
    for (int i = 0; i < 5; ++i) {  // a file holds four
        REQUIRE(changes.commit());
    }
    std::atomic<unsigned> begun{0};
    std::atomic<bool> over{false};
    const auto sync_until_the_next_began = [&]() -> result<done_t> {
        const unsigned mine = ++begun;
        while (begun == mine && !over) {
            std::this_thread::yield();
        }
        return done;
    };
    const auto sync_again_and_again = [&] {
        while (!over) {
            static_cast<void>(changes.journal().watch(sync_until_the_next_began));
        }
    };
    std::thread one{sync_again_and_again};
    std::thread other{sync_again_and_again};
    while (begun < 2) {
        std::this_thread::yield();
    }
    auto recycled =
        std::async(std::launch::async, [&] { return changes.journal().recycle().has_value(); });
    CHECK(recycled.wait_for(std::chrono::seconds{20}) == std::future_status::ready);
    over = true;
    one.join();
    other.join();
    CHECK(recycled.get());
}

TEST_CASE("journal: a disk that is full when a file is made is a state that passes",
          "[storage][journal]") {
    const auto call = GENERATE(disk_call::write, disk_call::sync, disk_call::sync_directory);
    crashing_disk below{1};
    const auto on = below.mount();
    single_changes changes{*on};
    below.fail({.kinds = {call}, .skipped = 0, .with = {errc::no_space, ENOSPC}});
    CHECK(changes.commit().error().code == errc::no_space);
    CHECK(changes.commit());
}

TEST_CASE("journal: it brings back what a segment lost", "[storage][journal]") {
    const auto below = disk_without_segment();
    CHECK(texts_of(*open_in(*below)) == std::vector<std::string>{"one", "two"});
    // The journal is empty now: the messages are where they belong.
    CHECK(texts_of(*open_in(*below)) == std::vector<std::string>{"one", "two"});
}

TEST_CASE("journal: it brings back a stored offset whose file is gone", "[storage][journal]") {
    const auto below = disk_without_segment();
    REQUIRE(below->remove(open_in(*make_memory_disk())->log().path() + "/stored.offsets"));
    const auto store = open_in(*below);
    CHECK(store->log().stored_offset(offset_key{7}) == message_offset{1});
}

TEST_CASE("journal: a missing file takes what only it had, and the start goes on",
          "[storage][journal]") {
    const auto below = disk_without_segment();
    REQUIRE(below->remove(journal_path));
    const auto store = open_in(*below);
    CHECK(texts_of(*store).empty());
    CHECK(store->append({"three"}));
}

TEST_CASE("journal: one of another data directory is put aside, not applied",
          "[storage][journal]") {
    const auto below = disk_without_segment();
    const auto other = disk_without_segment();
    std::vector<std::byte> bytes(synced.journal_file_bytes);
    REQUIRE(other->open(journal_path, open_mode::read).value()->read_at(0, bytes));
    const byte_view part{bytes};
    REQUIRE(below->open(journal_path, open_mode::read_write).value()->write_at(0, {&part, 1}));
    CHECK(texts_of(*open_in(*below)).empty());
    CHECK(below->open("iggy.journal/1.journal.foreign", open_mode::read).has_value());
}

TEST_CASE("journal: no flipped byte of it reaches a reader", "[storage][journal]") {
    for (std::size_t at = 0; at < 400; at += 3) {
        const auto below = disk_without_segment();
        std::byte flipped[1];
        const auto file = below->open(journal_path, open_mode::read_write).value();
        REQUIRE(file->read_at(at, flipped));
        flipped[0] ^= std::byte{0x10};
        const byte_view part{flipped};
        REQUIRE(file->write_at(at, {&part, 1}));
        const auto texts = texts_of(*open_in(*below));
        INFO("byte " << at);
        CHECK((texts.empty() || texts == std::vector<std::string>{"one"} ||
               texts == std::vector<std::string>{"one", "two"}));
    }
}

TEST_CASE("journal: nothing of a purged log comes back from it", "[storage][journal]") {
    const auto below = make_memory_disk();
    {
        const auto store = open_in(*below);
        REQUIRE(store->append({"one"}));
        REQUIRE(store->purge());
    }
    CHECK(texts_of(*open_in(*below)).empty());
}

TEST_CASE("journal: files are used again and again, and never more than allowed",
          "[storage][journal]") {
    const auto below = make_memory_disk();
    const auto store = open_in(*below);
    std::vector<std::string> expected;
    for (int i = 0; i < 100; ++i) {  // a group fills a block, a file has four
        expected.push_back("message " + std::to_string(i));
        REQUIRE(store->append({expected.back()}));
    }
    CHECK(below->list("iggy.journal").value().size() <= synced.journal_files_max);
    CHECK(texts_of(*store) == expected);
}

TEST_CASE("journal: a batch too large for it is synced in its segment", "[storage][journal]") {
    crashing_disk below{1};
    const std::string large(2000, 'x');
    {
        test_store store{below.mount(), synced, log_options{}};
        REQUIRE(store.append({"one"}));
        REQUIRE(store.append({large}));
        REQUIRE(store.append({"three"}));
        below.stop(stop_kind::power_cut);
    }
    test_store store{below.mount(), synced, log_options{}};
    CHECK(texts_of(store) == std::vector<std::string>{"one", large, "three"});
}

TEST_CASE("journal: when it cannot sync, nothing is acknowledged at synced until the next start",
          "[storage][journal]") {
    crashing_disk below{2};
    {
        test_store store{below.mount(), synced, log_options{}};
        REQUIRE(store.append({"one"}));
        below.fail({.kinds = {disk_call::sync}, .skipped = 0});
        CHECK(store.append({"two"}).error().code == errc::read_only);
        CHECK(store.append({"three"}).error().code == errc::read_only);
        CHECK(texts_of(store) == std::vector<std::string>{"one"});
        below.stop(stop_kind::killed);
    }
    below.fail_no_more();
    test_store store{below.mount(), synced, log_options{}};
    CHECK(store.read_all().at(0).text == "one");
    CHECK(store.append({"four"}));
}

TEST_CASE("journal: a log that goes on at another level is not set back by it",
          "[storage][journal]") {
    const auto below = make_memory_disk();
    {
        const auto store = open_in(*below);
        REQUIRE(store->append({"one", "two"}));
        REQUIRE(store->store_offset(7, 0));
        REQUIRE(store->close());
        const log_uid uid = store->directory().logs().front().uid;
        const auto log = store->engine().open_log(uid, {.durability = durability::written});
        REQUIRE(log.has_value());
        done_at_once op;
        REQUIRE((*log)->store_offset(offset_key{7}, message_offset{1}, op) == progress::finished);
        REQUIRE(op.outcome);
    }
    const auto store = open_in(*below);
    CHECK(store->log().stored_offset(offset_key{7}) == message_offset{1});
}

TEST_CASE("journal: it is known after a start whose sync of the format stamp failed",
          "[storage][journal]") {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        CAPTURE(seed);
        crashing_disk below{seed};
        below.fail({.kinds = {disk_call::sync}, .skipped = 0});
        REQUIRE_FALSE(
            data_directory::open(below.mount(), [] { return make_step_queue(0); }, synced));
        below.fail_no_more();
        {
            test_store store{below.mount(), synced, log_options{}};
            REQUIRE(store.append({"one"}));
            below.stop(stop_kind::power_cut);
        }
        test_store store{below.mount(), synced, log_options{}};
        CHECK(texts_of(store) == std::vector<std::string>{"one"});
    }
}

TEST_CASE("journal: what a start could not clear for want of a sync does not come back",
          "[storage][journal]") {
    store_options small = synced;
    small.journal_file_bytes = 8 << 10;  // two groups
    for (std::uint64_t run = 0; run < 200; ++run) {
        CAPTURE(run);
        crashing_disk below{run};
        {
            test_store store{below.mount(), small, log_options{}};
            REQUIRE(store.append({"one", "two"}));
            REQUIRE(store.store_offset(7, 0));
            REQUIRE(store.store_offset(7, 1));
            below.stop(stop_kind::killed);
        }
        below.fail({.kinds = {disk_call::sync}, .skipped = run % 20});
        (void)data_directory::open(below.mount(), [] { return make_step_queue(0); }, small);
        below.stop(stop_kind::killed);
        below.fail_no_more();
        {
            const test_store store{below.mount(), small, log_options{}};
            below.stop(stop_kind::power_cut);
        }
        test_store store{below.mount(), small, log_options{}};
        CHECK(store.log().stored_offset(offset_key{7}) == message_offset{1});
    }
}

TEST_CASE("journal: a file that a killed process had just made is there after a power cut",
          "[storage][journal]") {
    for (std::uint64_t run = 0; run < 400; ++run) {
        CAPTURE(run);
        crashing_disk below{run};
        {
            test_store store{below.mount(), synced, log_options{}};
            below.stop_at(below.steps() + run % 20, stop_kind::killed);
            (void)store.append({"one"});
            below.stop(stop_kind::killed);
        }
        {
            test_store store{below.mount(), synced, log_options{}};
            REQUIRE(store.append({"two"}));
            below.stop(stop_kind::power_cut);
        }
        test_store store{below.mount(), synced, log_options{}};
        REQUIRE_FALSE(store.read_all().empty());
        CHECK(store.read_all().back().text == "two");
    }
}

TEST_CASE("journal: a sync that failed in the start after an orderly end is not believed later",
          "[storage][journal]") {
    for (std::uint64_t run = 0; run < 200; ++run) {
        CAPTURE(run);
        crashing_disk below{run};
        {
            test_store store{below.mount(), synced, log_options{}};
            REQUIRE(store.append({"one", "two"}));
            REQUIRE(store.store_offset(7, 1));
            REQUIRE(store.close());
        }
        below.fail({.kinds = {disk_call::sync}, .skipped = run % 10});
        (void)data_directory::open(below.mount(), [] { return make_step_queue(0); }, synced);
        below.stop(stop_kind::killed);
        below.fail_no_more();
        {
            const test_store store{below.mount(), synced, log_options{}};
            below.stop(stop_kind::power_cut);
        }
        test_store store{below.mount(), synced, log_options{}};
        CHECK(store.log().stored_offset(offset_key{7}) == message_offset{1});
    }
}
