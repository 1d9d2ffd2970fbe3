#include <iggy/storage.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace iggy;
using namespace iggy::storage;

namespace {

std::vector<std::string> texts(const message_batch& batch) {
    std::vector<std::string> seen;
    for (const auto& message : batch) {
        seen.emplace_back(message.text());
    }
    return seen;
}

using strings = std::vector<std::string>;

}  // namespace

TEST_CASE("store: the ten-line program appends and reads back", "[storage][store]") {
    const temporary_directory directory;
    auto store = store::open(directory.path(), {.durability = durability::synced}).value();
    auto orders = store.open_log("orders").value();
    auto range = orders.append({"one", "two"}).value();
    CHECK(range.first == message_offset{0});
    CHECK(range.count == 2);
    auto batch = orders.read({.from = range.first}).value();
    CHECK(batch.size() == 2);
    CHECK(texts(batch) == strings{"one", "two"});
    CHECK(batch.next() == message_offset{2});
}

TEST_CASE("store: messages and stored offsets are there after a reopening", "[storage][store]") {
    const temporary_directory directory;
    const offset_key key{7};
    {
        auto store = store::open(directory.path()).value();
        auto log = store.open_log("a/b").value();
        REQUIRE(log.append({"one", "two", "three"}));
        REQUIRE(log.store_offset(key, message_offset{1}));
        REQUIRE(store.close());
    }
    auto store = store::open(directory.path()).value();
    CHECK(store.logs().value() == strings{"a/b"});
    auto log = store.open_log("a/b").value();
    CHECK(texts(log.read().value()) == strings{"one", "two", "three"});
    CHECK(log.stored_offset(key).value() == message_offset{1});
    CHECK(log.append({"four"}).value().first == message_offset{3});
}

TEST_CASE("store: reads start at an offset, the first, the last, or a time", "[storage][store]") {
    const temporary_directory directory;
    store_options options;
    auto now = std::make_shared<std::atomic<std::uint64_t>>(1000);
    options.clock = [now] { return timestamp_from_raw(now->load()); };
    auto store = store::open(directory.path(), options).value();
    auto log = store.open_log("a").value();
    REQUIRE(log.append({"0", "1"}));
    *now = 2000;
    REQUIRE(log.append({"2", "3"}));

    CHECK(texts(log.read({.from = message_offset{1}, .count = 2}).value()) == strings{"1", "2"});
    CHECK(texts(log.read_first({.count = 1}).value()) == strings{"0"});
    CHECK(texts(log.read_last({.count = 3}).value()) == strings{"1", "2", "3"});
    CHECK(texts(log.read_since(timestamp_from_raw(1001)).value()) == strings{"2", "3"});
    CHECK(texts(log.read_since(timestamp_from_raw(0)).value()).size() == 4);
    CHECK(texts(log.read({.from = message_offset{0}, .bytes_max = 1}).value()) == strings{"0"});

    const auto past = log.read({.from = message_offset{9}}).value();
    CHECK(past.empty());
    CHECK(past.next() == message_offset{9});
    CHECK(log.read_since(timestamp_from_raw(3000)).value().next() == message_offset{4});
}

TEST_CASE("store: a batch keeps ids, user headers and the producer's time", "[storage][store]") {
    const temporary_directory directory;
    auto store = store::open(directory.path()).value();
    auto log = store.open_log("a").value();
    message_id id{};
    id[0] = std::byte{9};
    message_batch_builder batch;
    batch.add("one", {.id = id, .user_headers = as_bytes("headers"), .origin_timestamp = 42});
    batch.add("two");
    CHECK(batch.count() == 2);
    REQUIRE(log.append(batch));

    const auto seen = log.read().value();
    auto at = seen.begin();
    CHECK((*at).id() == id);
    CHECK(as_text((*at).user_headers()) == "headers");
    CHECK((*at).origin_timestamp() == 42);
    CHECK((*at).checksum_matches());
    ++at;
    CHECK((*at).id() != message_id{});
}

TEST_CASE("store: what cannot be appended is refused before anything happens", "[storage][store]") {
    const temporary_directory directory;
    auto store = store::open(directory.path()).value();
    auto log = store.open_log("a").value();
    CHECK(log.append(message_batch_builder{}).error().code == errc::invalid_argument);
    const std::string headers(user_headers_bytes_max + 1, 'x');
    message_batch_builder batch;
    batch.add("fine").add("too large", {.user_headers = as_bytes(headers)});
    CHECK(log.append(batch).error().code == errc::too_large);
    CHECK(log.append_async(batch, {}).error().code == errc::too_large);
    CHECK(log.status().value().committed_next == message_offset{0});
    batch.clear();
    CHECK(log.append(batch.add("fine")).value().count == 1);
}

TEST_CASE("store: messages are removed from both ends, or all of them", "[storage][store]") {
    const temporary_directory directory;
    auto store = store::open(directory.path()).value();
    auto log = store.open_log("a", {.segment_bytes = 1}).value();
    for (const char* const text : {"0", "1", "2", "3"}) {
        REQUIRE(log.append({text}));
    }
    REQUIRE(log.truncate_after(message_offset{3}));
    CHECK(texts(log.read().value()) == strings{"0", "1", "2"});
    CHECK(log.append({"new"}).value().first == message_offset{3});
    CHECK(log.truncate_after(message_offset{9}).error().code == errc::invalid_argument);

    REQUIRE(log.sync());
    REQUIRE(log.truncate_before(message_offset{1}));
    const auto left = log.read_first().value();
    CHECK(left.next() == message_offset{4});

    REQUIRE(log.store_offset(offset_key{1}, message_offset{2}));
    CHECK(log.delete_offset(offset_key{2}).error().code == errc::not_found);
    REQUIRE(log.delete_offset(offset_key{1}));
    CHECK_FALSE(log.stored_offset(offset_key{1}).value());

    REQUIRE(log.purge());
    const log_status status = log.status().value();
    CHECK(status.messages == 0);
    CHECK(status.committed_next == message_offset{0});
    CHECK(log.append({"again"}).value().first == message_offset{0});
}

TEST_CASE("store: a removed log is gone, and its name begins anew", "[storage][store]") {
    const temporary_directory directory;
    auto store = store::open(directory.path()).value();
    auto old = store.open_log("a").value();
    REQUIRE(old.append({"old"}));
    REQUIRE(store.remove_log("a"));
    CHECK(old.append({"late"}).error().code == errc::closed);
    CHECK(store.remove_log("a").error().code == errc::not_found);
    CHECK(store.logs().value().empty());

    auto fresh = store.open_log("a").value();
    CHECK(fresh.uid() != old.uid());
    CHECK(fresh.read().value().empty());
    CHECK(old.read().error().code == errc::closed);
}

TEST_CASE("store: an error says where, what and what to do", "[storage][store]") {
    const temporary_directory directory;
    auto store = store::open(directory.path()).value();
    std::string text;
    try {
        (void)store.open_log("../out").value();
    } catch (const std::exception& failure) {
        text = failure.what();
    }
    CHECK(text ==
          directory.path() + "/../out: invalid_argument: the input breaks a documented rule");

    const auto second = store::open(directory.path());
    CHECK(second.error().code == errc::locked);
    CHECK(describe(second.error()).find(directory.path() + ": locked: ") == 0);

    auto log = store.open_log("a").value();
    error failure{errc::corrupt};
    failure.log = log.uid();
    CHECK(store.describe(failure).find("/a: corrupt") != std::string::npos);
    CHECK(store::open(directory.path() + "/other", {}, 0).error().code == errc::invalid_argument);
}
