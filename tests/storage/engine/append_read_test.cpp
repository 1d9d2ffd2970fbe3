#include <algorithm>

#include <fmt/format.h>

#include "storage/crash/test_message.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"
#include "test_store.hpp"

using namespace iggy;
using namespace iggy::storage;

namespace {

std::vector<std::string> texts(int from, int count, std::size_t bytes = 0) {
    std::vector<std::string> all;
    for (int i = 0; i < count; ++i) {
        all.push_back(fmt::format("message {}", from + i));
        all.back().resize(std::max(all.back().size(), bytes), '.');
    }
    return all;
}

std::vector<std::uint64_t> offsets(const std::vector<seen_message>& messages) {
    std::vector<std::uint64_t> all;
    for (const auto& message : messages) {
        all.push_back(message.offset);
    }
    return all;
}

}  // namespace

TEST_CASE("log: batches get consecutive offsets and are read back as sent at every level",
          "[storage]") {
    const auto level = GENERATE(durability::memory, durability::written, durability::synced);
    temporary_directory at;
    test_store store{at.path(), {.durability = level}};
    CHECK(store.read_all().empty());
    CHECK(store.append(texts(0, 3)).value().raw() == 0);
    CHECK(store.append(texts(3, 2)).value().raw() == 3);
    const auto all = store.read_all();
    REQUIRE(all.size() == 5);
    for (std::uint64_t i = 0; i < 5; ++i) {
        CHECK(all[i] == seen_message{i, fmt::format("message {}", i)});
    }
    CHECK(store.log().committed_next().raw() == 5);
    CHECK(store.log().messages_count() == 5);
}

TEST_CASE("log: every strategy starts where it says, over segments and within", "[storage]") {
    const auto level = GENERATE(durability::memory, durability::written);
    temporary_directory at;
    test_store store{
        at.path(), {.durability = level, .flush_messages = 7}, {.segment_bytes = 5000}};
    for (int i = 0; i < 60; i += 3) {
        REQUIRE(store.append(texts(i, 3, 300)));
    }
    store.settle();
    using list = std::vector<std::uint64_t>;
    CHECK(offsets(store.read(read_start::first, 0, 2).value()) == list{0, 1});
    CHECK(offsets(store.read(read_start::offset, 17, 4).value()) == list{17, 18, 19, 20});
    CHECK(offsets(store.read(read_start::offset, 59, 4).value()) == list{59});
    CHECK(store.read(read_start::offset, 60, 4).value().empty());
    CHECK(offsets(store.read(read_start::last, 0, 3).value()) == list{57, 58, 59});
    CHECK(store.read(read_start::last, 0, 1000).value().size() == 60);
    CHECK(store.read(read_start::first, 0, 0).value().empty());
    for (std::uint64_t from = 0; from < 60; ++from) {
        CAPTURE(from);
        const auto part = store.read(read_start::offset, from, 60).value();
        REQUIRE(part.size() == 60 - from);
        CHECK(part.front().offset == from);
        CHECK(part.back().offset == 59);
    }
}

TEST_CASE("log: a read has at most its bytes and at least one message", "[storage]") {
    temporary_directory at;
    test_store store{at.path()};
    REQUIRE(store.append(texts(0, 100, 1000)));
    CHECK(store.read(read_start::first, 0, 100, 1).value().size() == 1);
    CHECK(store.read(read_start::first, 0, 100, 10 * 1064).value().size() == 10);
    CHECK(store.read(read_start::offset, 95, 100, 1 << 20).value().size() == 5);
}

TEST_CASE("log: large and small messages follow each other", "[storage]") {
    temporary_directory at;
    test_store store{at.path(), {.inline_write_bytes_max = 256 << 10}, {.segment_bytes = 1 << 20}};
    std::vector<std::string> sent;
    for (int i = 0; i < 30; ++i) {
        const std::size_t size = i % 3 == 0 ? 300'000 : static_cast<std::size_t>(i);
        sent.push_back(std::string(size, static_cast<char>('a' + i)));
        REQUIRE(store.append({sent.back()}));
    }
    const auto all = store.read_all();
    REQUIRE(all.size() == sent.size());
    for (std::size_t i = 0; i < sent.size(); ++i) {
        CHECK((all[i].text == sent[i]));
    }
    CHECK(store.read(read_start::offset, 3, 1, 100).value().size() == 1);
}

TEST_CASE("log: a timestamp read starts with the first message at or after the time", "[storage]") {
    temporary_directory at;
    auto now = std::make_shared<std::uint64_t>(1000);
    test_store store{
        at.path(), {.clock = [now] { return timestamp_from_raw(*now); }}, {.segment_bytes = 3000}};
    for (int batch = 0; batch < 20; ++batch) {
        REQUIRE(store.append(texts(batch * 3, 3, 200)));
        *now += 10;
    }
    store.settle();
    for (std::uint64_t batch = 0; batch < 20; ++batch) {
        CAPTURE(batch);
        const std::uint64_t time = 1000 + batch * 10;
        CHECK(store.read(read_start::timestamp, time, 1).value().front().offset == batch * 3);
        CHECK(store.read(read_start::timestamp, time - 9, 1).value().front().offset == batch * 3);
    }
    CHECK(store.read(read_start::timestamp, 0, 100).value().size() == 60);
    CHECK(store.read(read_start::timestamp, 1191, 100).value().empty());
}

TEST_CASE("log: timestamps never go back within a log, whatever the clock does", "[storage]") {
    temporary_directory at;
    auto now = std::make_shared<std::uint64_t>(5000);
    test_store store{at.path(), {.clock = [now] { return timestamp_from_raw(*now); }}};
    REQUIRE(store.append({"first"}));
    *now = 10;
    REQUIRE(store.append({"second"}));
    CHECK(store.read(read_start::timestamp, 5000, 10).value().size() == 2);
}

TEST_CASE("log: segments roll after the batch that finds them full", "[storage]") {
    temporary_directory at;
    test_store store{at.path(), {}, {.segment_bytes = 5120}};
    for (int i = 0; i < 15; ++i) {
        REQUIRE(store.append({std::string(936, 'x')}));  // 1000 bytes with its header
    }
    const auto counters = store.directory().counters(store.log().uid());
    CHECK(counters->segments == 3);  // seven in each sealed one, as upstream's clients expect
    CHECK(store.read_all().size() == 15);
}

TEST_CASE("log: a batch that does not fit its lengths changes nothing", "[storage]") {
    temporary_directory at;
    test_store store{at.path()};
    REQUIRE(store.append({"kept"}));
    struct plain : append_operation {
        void on_finished() noexcept override {}
    } op;
    auto batch = make_batch({"one", "two"});
    batch.pop_back();
    op.messages = batch;
    REQUIRE(store.log().append(op) == progress::finished);
    REQUIRE_FALSE(op.outcome);
    CHECK(op.outcome.error().code == errc::invalid_argument);
    CHECK(store.append({"next"}).value().raw() == 1);
    CHECK(store.read_all().size() == 2);
}

TEST_CASE("log: messages without an id get distinct ones, others keep theirs", "[storage]") {
    temporary_directory at;
    test_store store{at.path()};
    struct plain : append_operation {
        void on_finished() noexcept override {}
    } op;
    auto batch = make_batch({"one", "two", "three"});
    batch[message_layout::id_at] = std::byte{42};
    op.messages = batch;
    REQUIRE(store.log().append(op) == progress::finished);
    std::vector<message_id> ids;
    for (const message_view message : message_range{batch}) {
        ids.push_back(message.id());
    }
    REQUIRE(ids.size() == 3);
    CHECK(ids[0][0] == std::byte{42});
    CHECK((ids[1] != ids[2]));
    CHECK((ids[1] != message_id{}));
}

TEST_CASE("log: a waiter wakes when its message is committed and not before", "[storage]") {
    temporary_directory at;
    test_store store{at.path()};
    struct waiting : operation {
        bool finished = false;
        void on_finished() noexcept override { finished = true; }
    } op;
    REQUIRE(store.log().wait_committed(message_offset{1}, op) == progress::pending);
    REQUIRE(store.append({"zero"}));
    store.settle();
    CHECK_FALSE(op.finished);
    REQUIRE(store.append({"one"}));
    store.run_while_readable();
    CHECK(op.finished);
    CHECK(store.log().wait_committed(message_offset{1}, op) == progress::finished);
}

TEST_CASE("append: a message that comes with its offset must match its checksum",
          "[storage][append]") {
    struct append final : append_operation {
        void on_finished() noexcept override {}
    };
    temporary_directory at;
    test_store store{at.path(), {.durability = durability::written}};
    auto bytes = make_batch({"text"});
    stamp_message(bytes, 5, 1'000'000);
    append op;
    op.messages = bytes;
    op.stamped = true;
    bytes.back() ^= std::byte{1};
    REQUIRE(store.log().append(op) == progress::finished);
    CHECK(op.outcome.error().code == errc::invalid_argument);
    CHECK(store.read_all().empty());
    bytes.back() ^= std::byte{1};
    REQUIRE(store.log().append(op) == progress::finished);
    CHECK(op.outcome);
    CHECK(offsets(store.read_all()) == std::vector<std::uint64_t>{5});
}

TEST_CASE("read: who reads on gets what follows, whatever sizes it has", "[storage]") {
    temporary_directory at;
    test_store store{at.path(), {}, {.segment_bytes = 3000}};
    for (std::size_t i = 0; i < 60; ++i) {
        REQUIRE(store.append(
            {std::string(i < 30 ? 100 : i * 7 % 200, static_cast<char>('a' + i % 26))}));
    }
    const auto all = store.read_all();
    for (const std::uint32_t count : {1U, 3U, 7U}) {
        std::vector<seen_message> read;
        while (read.size() < all.size()) {
            const auto more = store.read(read_start::offset, read.size(), count).value();
            REQUIRE(more.size() == std::min<std::size_t>(count, all.size() - read.size()));
            read.insert(read.end(), more.begin(), more.end());
        }
        CHECK(read == all);
    }
}

TEST_CASE("read: who reads on gets what was written anew where messages were taken away",
          "[storage]") {
    temporary_directory at;
    test_store store{at.path()};
    const auto fill = [&store](char with, std::size_t bytes) {
        for (int i = 0; i < 20; ++i) {
            REQUIRE(store.append({std::string(bytes, with)}));
        }
    };
    fill('a', 100);
    REQUIRE(store.read(read_start::offset, 0, 10).value().size() == 10);
    REQUIRE(store.truncate_after(5));
    fill('b', 40);
    CHECK(store.read(read_start::offset, 10, 1).value() ==
          std::vector<seen_message>{{10, std::string(40, 'b')}});
    REQUIRE(store.purge());
    fill('c', 70);
    CHECK(store.read(read_start::offset, 11, 1).value() ==
          std::vector<seen_message>{{11, std::string(70, 'c')}});
}

TEST_CASE("read: who reads on with any limit of bytes gets at least a message", "[storage]") {
    temporary_directory at;
    test_store store{at.path()};
    for (int i = 0; i < 20; ++i) {
        REQUIRE(store.append({std::string(100, 'x')}));
    }
    for (const std::uint64_t limit :
         {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{63}, std::uint64_t{500}, UINT64_MAX}) {
        CAPTURE(limit);
        std::uint64_t next = 0;
        while (next < 20) {
            const auto more = store.read(read_start::offset, next, 7, limit).value();
            REQUIRE_FALSE(more.empty());
            next += more.size();
        }
        CHECK(next == 20);
    }
}
