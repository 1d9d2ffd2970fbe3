// A log goes from one engine to another while it is open.

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"
#include "test_store.hpp"

using namespace iggy;
using namespace iggy::storage;

namespace {

struct ignored : operation {
    void on_finished() noexcept override {}
};

struct ignored_append : append_operation {
    void on_finished() noexcept override {}
};

std::vector<seen_message> numbered(int count) {
    std::vector<seen_message> all;
    for (const std::string& text : hundred_bytes(0, count)) {
        all.push_back({all.size(), text});
    }
    return all;
}

}  // namespace

TEST_CASE("log move: it goes on in the other engine where it was, at every level", "[storage]") {
    const auto level = GENERATE(durability::memory, durability::written, durability::synced);
    const temporary_directory dir;
    {
        test_store store{dir.path(),
                         {.segment_bytes = hundred_bytes_on_disk, .open_files_max = 16},
                         {.durability = level}};
        for (int i = 0; i < 40; i += 2) {
            REQUIRE(store.append(hundred_bytes(i, 2)));
        }
        REQUIRE(store.store_offset(7, 5));
        store.settle();
        engine& before = store.engine();
        const log_uid uid = store.log().uid();

        REQUIRE(store.move_log());
        CHECK(before.find(uid) == nullptr);
        CHECK(store.read_all() == numbered(40));
        for (int i = 40; i < 50; ++i) {
            REQUIRE(store.append(hundred_bytes(i, 1)));
        }
        CHECK(store.read_all() == numbered(50));
        CHECK(store.log().stored_offset(offset_key{7}) == message_offset{5});
        REQUIRE(store.store_offset(7, 25));
        store.settle();
        REQUIRE(store.move_log());
        REQUIRE(store.close());
    }
    test_store again{dir.path()};
    CHECK(again.read_all() == numbered(50));
    CHECK(again.log().stored_offset(offset_key{7}) == message_offset{25});
}

TEST_CASE("log move: what memory level holds back is written by the other engine", "[storage]") {
    const temporary_directory dir;
    {
        test_store store{dir.path(), {}, {.durability = durability::memory}};
        REQUIRE(store.append(hundred_bytes(0, 3)));
        REQUIRE(store.move_log());
        REQUIRE(store.append(hundred_bytes(3, 2)));
        REQUIRE(store.flush(false));
    }
    test_store again{dir.path()};
    CHECK(again.read_all() == numbered(5));
}

TEST_CASE("log move: a log stays while anything of it is on its way", "[storage]") {
    const temporary_directory dir;
    test_store store{dir.path()};
    REQUIRE(store.append(hundred_bytes(0, 1)));
    ignored op;

    SECTION("a wait for a message") {
        REQUIRE(store.log().wait_committed(message_offset{1}, op) == progress::pending);
        CHECK_FALSE(store.move_log());
        REQUIRE(store.log().cancel_wait(op));
    }
    SECTION("a sync") {
        REQUIRE(store.log().flush(true, op) == progress::pending);
        CHECK_FALSE(store.move_log());
        store.settle();
    }
    SECTION("the end of an operation that nobody has heard of yet") {
        REQUIRE(store.log().wait_committed(message_offset{1}, op) == progress::pending);
        auto batch = make_batch(hundred_bytes(1, 1));
        ignored_append append;
        append.messages = batch;
        REQUIRE(store.log().append(append) == progress::finished);  // and with it the wait
        CHECK_FALSE(store.move_log());
        store.settle();
    }
    const std::vector<seen_message> there = store.read_all();
    CHECK(store.move_log());
    CHECK(store.read_all() == there);
}

TEST_CASE("log move: a log that is not open, or about to be closed, does not move", "[storage]") {
    const temporary_directory dir;
    test_store store{dir.path()};
    CHECK(store.engine().detach_log(log_uid{12345}) == nullptr);
    ignored op;
    const log_uid uid = store.log().uid();
    REQUIRE(store.engine().close_log(uid, op) == progress::pending);
    CHECK(store.engine().detach_log(uid) == nullptr);
    store.settle();
    CHECK(store.engine().find(uid) == nullptr);
}
