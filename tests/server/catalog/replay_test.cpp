#include <set>

#include "support.hpp"
#include "support/catch.hpp"

#include "catalog/catalog_replay.hpp"

using namespace iggy;
using namespace iggy::server;

namespace {

using record_bytes = std::vector<std::byte>;

/// The log of a catalog: records by offset, and the state after each.
struct written_log {
    std::vector<record_bytes> records;
    std::vector<std::vector<std::byte>> pictures;
    grown_catalog catalog;

    written_log() { add(numbered_command{1, catalog.commands().front()}); }

    template <class Record>
    void add(const Record& record) {
        records.push_back(encode(record));
        pictures.push_back(picture(*catalog));
    }
    void command() {
        const stream_id next = catalog->streams.next_id();
        catalog.run(
            catalog_record::create_stream{next, "s" + std::to_string(next.raw()), test_time});
        add(numbered_command{catalog->sequence, catalog.commands().back()});
    }
    void commands(int count) {
        for (int made = 0; made < count; ++made) {
            command();
        }
    }
    /// In parts of 16 bytes; the number of records.
    std::size_t snapshot() {
        constexpr std::size_t part_bytes = 16;
        const auto content = encode_snapshot(*catalog);
        const auto parts =
            static_cast<std::uint32_t>((content.size() + part_bytes - 1) / part_bytes);
        add(snapshot_begin{catalog->sequence, parts});
        for (std::uint32_t part = 0; part < parts; ++part) {
            const std::size_t at = part * part_bytes;
            add(snapshot_part{
                catalog->sequence, part, parts,
                byte_view{content}.subspan(at, std::min(part_bytes, content.size() - at))});
        }
        return parts + 1;
    }
};

/// Reads the log from `start` on; what is in `damaged` cannot be read.
catalog_replay read(const written_log& log, const std::set<std::size_t>& damaged,
                    std::size_t start = 0) {
    catalog_replay replay{no_counters, start == 0};
    for (std::size_t at = start; at < log.records.size(); ++at) {
        if (damaged.contains(at)) {
            replay.skip_unreadable(message_offset{at}, 1);
        } else {
            REQUIRE(replay.take(message_offset{at}, log.records[at]));
        }
    }
    return replay;
}

}  // namespace

TEST_CASE("catalog replay: a log cut after any record gives the state of that record",
          "[server][catalog][recovery]") {
    written_log log;
    log.commands(3);
    log.snapshot();
    log.commands(3);
    log.snapshot();
    log.commands(2);
    const written_log whole = log;
    for (std::size_t size = 1; size <= whole.records.size(); ++size) {
        CAPTURE(size);
        log.records.resize(whole.records.size());
        log.records = {whole.records.begin(),
                       whole.records.begin() + static_cast<std::ptrdiff_t>(size)};
        const auto replay = read(log, {});
        REQUIRE(replay.complete());
        REQUIRE_FALSE(replay.damaged());
        REQUIRE(picture(*replay.state()) == whole.pictures[size - 1]);
    }
}

TEST_CASE("catalog replay: a damaged newest snapshot falls back to the one before",
          "[server][catalog][recovery]") {
    written_log log;
    log.commands(2);
    const std::size_t first = log.records.size();
    log.snapshot();
    log.commands(2);
    const std::size_t second = log.records.size();
    const std::size_t parts = log.snapshot();
    const std::size_t commands_after = GENERATE(0U, 2U);
    log.commands(static_cast<int>(commands_after));
    for (std::size_t damaged = second; damaged < second + parts; ++damaged) {
        CAPTURE(damaged, commands_after);
        const auto replay = read(log, {damaged}, first);
        REQUIRE(replay.complete());
        REQUIRE(replay.damaged());
        REQUIRE(picture(*replay.state()) == log.pictures.back());
    }
    std::set<std::size_t> all_parts;
    for (std::size_t part = second + 1; part < second + parts; ++part) {
        all_parts.insert(part);
    }
    const auto replay = read(log, all_parts, first);
    REQUIRE(replay.complete());
    REQUIRE(replay.snapshot_at() == message_offset{first});
    REQUIRE(picture(*replay.state()) == log.pictures.back());
}

TEST_CASE("catalog replay: a lost command is made up for by a later snapshot",
          "[server][catalog][recovery]") {
    written_log log;
    log.commands(4);
    const std::size_t commands = log.records.size();
    log.snapshot();
    log.commands(2);
    for (std::size_t damaged = 0; damaged < commands; ++damaged) {
        const auto replay = read(log, {damaged});
        REQUIRE(replay.complete());
        REQUIRE(replay.damaged());
        REQUIRE(picture(*replay.state()) == log.pictures.back());
    }
}

TEST_CASE("catalog replay: a command that no snapshot makes up for is missed",
          "[server][catalog][recovery]") {
    written_log log;
    log.commands(2);
    log.snapshot();
    const std::size_t after = log.records.size();
    log.commands(4);
    for (std::size_t damaged = after; damaged < log.records.size(); ++damaged) {
        CAPTURE(damaged);
        const auto replay = read(log, {damaged});
        REQUIRE_FALSE(replay.complete());
        REQUIRE(replay.first_missing() == message_offset{damaged});
    }
}

TEST_CASE("catalog replay: a log without its beginning needs a snapshot",
          "[server][catalog][recovery]") {
    written_log log;
    log.commands(3);
    REQUIRE_FALSE(read(log, {}, 1).complete());
    REQUIRE_FALSE(read(log, {}, log.records.size()).complete());
    const std::size_t first = log.records.size();
    log.snapshot();
    REQUIRE(read(log, {}, first).complete());
    REQUIRE(read(log, {}, first - 1).complete());
}

TEST_CASE("catalog replay: a snapshot that a crash cut short is passed over",
          "[server][catalog][recovery]") {
    written_log log;
    log.commands(2);
    log.snapshot();
    log.records.pop_back();
    log.pictures.pop_back();
    log.commands(2);
    const auto replay = read(log, {});
    REQUIRE(replay.complete());
    REQUIRE_FALSE(replay.damaged());
    REQUIRE_FALSE(replay.snapshot_at());
    REQUIRE(picture(*replay.state()) == log.pictures.back());
}

TEST_CASE("catalog replay: of records out of place none counts", "[server][catalog][recovery]") {
    written_log log;
    log.commands(2);
    const auto first = static_cast<std::ptrdiff_t>(log.records.size());
    log.snapshot();
    const std::vector<record_bytes> old{log.records.begin() + first, log.records.end()};
    log.command();
    const auto state = log.pictures.back();
    const auto add = [&log](auto begin, auto end) {
        log.records.insert(log.records.end(), begin, end);
    };
    SECTION("a snapshot from before the state") { add(old.begin(), old.end()); }
    SECTION("the first part of a snapshot and the others of another one") {
        const auto newer = static_cast<std::ptrdiff_t>(log.records.size());
        log.snapshot();
        log.records.erase(log.records.begin() + newer + 2, log.records.end());
        add(old.begin() + 2, old.end());
    }
    SECTION("a part that stands twice") {
        const auto newer = static_cast<std::ptrdiff_t>(log.records.size());
        log.snapshot();
        log.records.insert(log.records.begin() + newer + 1, log.records[newer + 1]);
        CHECK(read(log, {}).snapshot_at() == message_offset{static_cast<std::uint64_t>(newer + 2)});
    }
    const auto replay = read(log, {});
    CHECK(replay.complete());
    CHECK_FALSE(replay.damaged());
    CHECK(picture(*replay.state()) == state);
}

TEST_CASE("catalog replay: records of a newer server stop it", "[server][catalog][recovery]") {
    written_log log;
    for (const std::size_t field : {0U, 1U}) {
        auto newer = log.records.front();
        newer[field] = std::byte{99};
        catalog_replay replay{no_counters, true};
        REQUIRE(replay.take(message_offset{0}, newer).error().number == 99);
    }
}

TEST_CASE("catalog replay: foreign bytes count as damage", "[server][catalog][recovery]") {
    written_log log;
    log.commands(1);
    log.records.push_back({std::byte{1}, std::byte{2}});
    REQUIRE_FALSE(read(log, {}).complete());
    log.snapshot();
    REQUIRE(read(log, {}).complete());
}
