// The file that is made for the next segment before it is needed.

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "storage/crash/crashing_disk.hpp"
#include "support/catch.hpp"
#include "test_store.hpp"

using namespace iggy;
using namespace iggy::storage;

namespace {

constexpr const char* next_segment = "logs/one/next.segment";
constexpr std::uint64_t message_bytes = 200;
constexpr std::uint64_t segment_bytes = 7 * message_bytes;  // the eighth is the last
const store_options options{.segment_bytes = segment_bytes, .reserve_bytes = 0};

void append(test_store& store, int count) {
    for (int i = 0; i < count; ++i) {
        REQUIRE(store.append({std::string(message_bytes - 64, 'x')}));
        store.settle();
    }
}

bool is_prepared(disk& at) { return at.open(next_segment, open_mode::read).has_value(); }

/// A disk and a store on it.
struct on_disk {
    explicit on_disk(const store_options& with = options) : store{mount(), with, {}} {}

    crashing_disk below{1};
    disk* mounted = nullptr;
    test_store store;

private:
    std::unique_ptr<disk> mount() {
        auto made = below.mount();
        mounted = made.get();
        return made;
    }
};

/// With the next segment prepared: six of eight messages are there.
struct prepared : on_disk {
    explicit prepared(const store_options& with = options) : on_disk{with} {
        append(store, 6);
        REQUIRE(is_prepared(*mounted));
    }
};

}  // namespace

TEST_CASE("next segment: its file is there with all its room before the last one is full",
          "[storage]") {
    on_disk at;
    append(at.store, 5);
    CHECK_FALSE(is_prepared(*at.mounted));
    const std::uint64_t before = at.below.used_bytes();
    append(at.store, 1);
    CHECK(is_prepared(*at.mounted));
    CHECK(at.below.used_bytes() >= before + segment_bytes);

    append(at.store, 3);  // the third rolls
    CHECK_FALSE(is_prepared(*at.mounted));
    const std::uint64_t rolled = at.below.used_bytes();
    append(at.store, 1);
    CHECK(at.below.used_bytes() == rolled);  // written where room was
    CHECK(at.store.read_all().size() == 10);
}

TEST_CASE("next segment: it is prepared behind an append that was answered at once", "[storage]") {
    on_disk at;
    append(at.store, 5);
    REQUIRE(at.store.append({std::string(message_bytes - 64, 'x')}));
    at.store.run_while_readable();
    CHECK(is_prepared(*at.mounted));
}

TEST_CASE("next segment: the first ones of a log are small, each next one has twice the room",
          "[storage]") {
    store_options with = options;
    with.segment_bytes = 60 * message_bytes;
    with.unsynced_log_bytes = 4 * message_bytes;
    on_disk at{with};
    // Half of what makes a recovery point due is two; the batch that finds it is in it too.
    append(at.store, 3 + 5 + 9 + 17 + 33 + 61 + 1);
    std::vector<std::string> names;
    for (const directory_entry& entry : at.mounted->list("logs/one").value()) {
        if (entry.name.ends_with(".log")) {
            names.push_back(entry.name);
        }
    }
    std::ranges::sort(names);
    CHECK(names == std::vector<std::string>{"00000000000000000000.log", "00000000000000000003.log",
                                            "00000000000000000008.log", "00000000000000000017.log",
                                            "00000000000000000034.log", "00000000000000000067.log",
                                            "00000000000000000128.log"});
    CHECK(at.store.read_all().size() == 129);
}

TEST_CASE("next segment: the one that a start finds ends as if it were a first one", "[storage]") {
    crashing_disk below{1};
    store_options with = options;
    with.segment_bytes = 60 * message_bytes;
    with.unsynced_log_bytes = 40 * message_bytes;
    {
        test_store store{below.mount(), with, {}};
        append(store, 14);
        REQUIRE(store.close());
    }
    auto made = below.mount();
    disk& mounted = *made;
    test_store store{std::move(made), with, {}};
    append(store, 1);  // the fifteenth
    CHECK(is_prepared(mounted));
    append(store, 6);
    CHECK(is_prepared(mounted));
    append(store, 1);
    CHECK(mounted.open("logs/one/00000000000000000021.log", open_mode::read));
    CHECK_FALSE(is_prepared(mounted));
}

TEST_CASE("next segment: an orderly end gives its room back", "[storage]") {
    prepared at;
    const std::uint64_t before = at.below.used_bytes();
    REQUIRE(at.store.close());
    CHECK_FALSE(is_prepared(*at.mounted));
    CHECK(at.below.used_bytes() + segment_bytes / 2 < before);
}

TEST_CASE("next segment: an orderly end gives back what the present one has not used",
          "[storage]") {
    prepared at;
    append(at.store, 3);  // the third rolls
    const std::uint64_t before = at.below.used_bytes();
    REQUIRE(at.store.close());
    CHECK(at.below.used_bytes() + segment_bytes / 2 < before);
}

TEST_CASE("next segment: what the power left in its file does not come back", "[storage]") {
    // The name of the second segment was lost, and what was written to it stood under the old one;
    // the clock was ahead then.
    store_options ahead = options;
    ahead.clock = [] { return timestamp{std::chrono::years{200}}; };
    std::vector<std::byte> bytes(8 * message_bytes);
    {
        prepared at{ahead};
        append(at.store, 12);
        at.below.stop(stop_kind::killed);
        const auto left = at.below.mount();
        const auto second = left->open("logs/one/00000000000000000008.log", open_mode::read);
        REQUIRE((*second)->read_at(0, bytes).value() == bytes.size());
    }
    crashing_disk below{1};
    {
        test_store store{below.mount(), options, {}};
        append(store, 2);
        below.stop(stop_kind::killed);
    }
    const byte_view part{bytes};
    const auto left = below.mount();
    REQUIRE(left->open(next_segment, open_mode::create).value()->write_at(0, {&part, 1}));
    {
        test_store store{below.mount(), options, {}};
        append(store, 8);  // the last two in the second segment
        below.stop(stop_kind::killed);
    }
    test_store store{below.mount(), options, {}};
    CHECK(store.read_all().size() == 10);
}

TEST_CASE("next segment: where its room is a quarter of what is free it is not made", "[storage]") {
    on_disk at;
    append(at.store, 5);
    at.below.limit_bytes(at.below.used_bytes() + 5 * segment_bytes);
    append(at.store, 3);
    CHECK_FALSE(is_prepared(*at.mounted));
    append(at.store, 6);
    CHECK(at.store.read_all().size() == 14);
}

TEST_CASE("next segment: of the present one's room counts what is not used", "[storage]") {
    // Messages after the first six, segments that fit into what is free, and the messages that
    // then make the next one due.
    const auto [before, free, due, is_made] =
        GENERATE(table<int, std::uint64_t, int, bool>({{3, 5, 5, false},    // one of seven used
                                                       {7, 8, 1, true}}));  // five
    prepared at;
    append(at.store, before);
    at.below.limit_bytes(at.below.used_bytes() + free * segment_bytes);
    at.store.engine().tick();
    append(at.store, due);
    CHECK(is_prepared(*at.mounted) == is_made);
}

TEST_CASE("next segment: when room gets scarce it is given back, and appends go on", "[storage]") {
    prepared at;
    at.below.limit_bytes(at.below.used_bytes() + message_bytes);
    at.store.engine().tick();
    at.store.settle();
    CHECK_FALSE(is_prepared(*at.mounted));
    append(at.store, 4);
    CHECK(at.store.read_all().size() == 10);
}

TEST_CASE("next segment: one that was refused is made once there is room again", "[storage]") {
    on_disk at;
    append(at.store, 5);
    at.below.limit_bytes(at.below.used_bytes() + 5 * segment_bytes);
    append(at.store, 1);
    REQUIRE_FALSE(is_prepared(*at.mounted));
    at.below.limit_bytes(at.below.used_bytes() + 20 * segment_bytes);
    at.store.engine().tick();
    append(at.store, 1);
    CHECK(is_prepared(*at.mounted));
}

TEST_CASE("next segment: a start frees what a killed use had reserved and not used", "[storage]") {
    std::uint64_t killed = 0;
    crashing_disk below{1};
    {
        test_store store{below.mount(), options, {}};
        append(store, 9);  // one in the second segment
        killed = below.used_bytes();
        below.stop(stop_kind::killed);
    }
    test_store store{below.mount(), options, {}};
    CHECK(below.used_bytes() + segment_bytes / 2 < killed);
    CHECK(store.read_all().size() == 9);
}

TEST_CASE("next segment: an append that finds the disk full has it given back", "[storage]") {
    prepared at;
    at.below.limit_bytes(at.below.used_bytes());
    CHECK(at.store.append({std::string(message_bytes, 'x')}).error().code == errc::no_space);
    at.store.settle();
    CHECK_FALSE(is_prepared(*at.mounted));
    append(at.store, 4);
}

TEST_CASE("next segment: a disk that cannot make it takes appends all the same", "[storage]") {
    const auto call = GENERATE(disk_call::create, disk_call::allocate, disk_call::rename);
    CAPTURE(static_cast<int>(call));
    crashing_disk below{1};
    test_store store{below.mount(), options, {}};
    append(store, 5);
    below.fail({.kinds = {call}, .skipped = 0});
    append(store, 20);
    CHECK(below.has_failed());
    CHECK(store.read_all().size() == 25);
}

TEST_CASE("next segment: a purge takes it along", "[storage]") {
    prepared at;
    REQUIRE(at.store.purge());
    at.store.settle();
    CHECK_FALSE(is_prepared(*at.mounted));
    append(at.store, 20);
    CHECK(at.store.read_all().size() == 20);
}

TEST_CASE("next segment: on a full disk a start gives its room to what the journal holds",
          "[storage]") {
    constexpr std::uint64_t room = 64 << 10;
    const store_options synced{
        .durability = durability::synced, .segment_bytes = room, .reserve_bytes = 16 << 10};
    crashing_disk below{1};
    {
        test_store store{below.mount(), synced, {}};
        append(store, 20);
        below.stop(stop_kind::killed);
    }
    {  // as a power cut may leave it: the file, and of the segment nothing
        const auto left = below.mount();
        REQUIRE(left->open(next_segment, open_mode::create).value()->allocate(0, room));
        REQUIRE(left->remove("logs/one/00000000000000000000.log"));
    }
    below.limit_bytes(below.used_bytes());
    test_store store{below.mount(), synced, {}};
    CHECK(store.read_all().size() == 20);
}
