// What is wrong with messages and with the small files of a log, and what a check says of it.

#include <algorithm>
#include <cerrno>
#include <random>

#include "bad_sector_disk.hpp"
#include "checked_store.hpp"
#include "support/catch.hpp"

using namespace iggy;
using namespace iggy::storage;
namespace fs = std::filesystem;
using kinds = std::vector<finding_kind>;

TEST_CASE("verify: a store that was closed in order is intact", "[storage][verify]") {
    const checked_store store;
    const check_outcome outcome = store.check();
    CHECK(outcome.of_directory.empty());
    const log_report& log = outcome.log();
    CHECK(log.findings.empty());
    CHECK(log.intact());
    CHECK(log.path == "orders");
    CHECK(log.uid.raw() > 0);
    CHECK(log.segments == store.segments().size());
    CHECK(log.segments > 3);
    CHECK(log.messages == checked_store::messages);
    CHECK(log.bytes == checked_store::messages * checked_store::message_bytes);
    CHECK(log.first == message_offset{0});
    CHECK(log.last == message_offset{299});
    CHECK(log.next == message_offset{300});
    REQUIRE(log.recovery_point);
    CHECK(log.recovery_point->next == message_offset{300});
    CHECK(log.stored_offsets == 2);
    CHECK(outcome.totals().intact());
    CHECK(outcome.totals().logs_intact == 1);
    CHECK(outcome.totals().messages == checked_store::messages);
    CHECK(outcome.shown_offsets.size() == checked_store::messages);
    CHECK(outcome.bytes_read == log.bytes);
    CHECK(outcome.bytes_to_read == log.bytes);
}

TEST_CASE("verify: a flipped byte in a payload is one message", "[storage][verify]") {
    const checked_store store;
    const std::uint64_t at = 5 * checked_store::message_bytes;
    store.flip(store.segments().front(), at + 500);
    const check_outcome outcome = store.check();
    const finding& what = outcome.finding();
    CHECK(what.weight == finding_weight::damage);
    CHECK(what.kind == finding_kind::bad_checksum);
    CHECK(what.file == "orders/00000000000000000000.log");
    CHECK(what.from == at);
    CHECK(what.to == at + checked_store::message_bytes);
    CHECK(what.first_offset == message_offset{5});
    CHECK(what.end_offset == message_offset{6});
    CHECK(outcome.log().messages == checked_store::messages - 1);
    CHECK(outcome.log().damaged_bytes == checked_store::message_bytes);
    CHECK(outcome.totals().damages == 1);
    CHECK_FALSE(outcome.totals().intact());
}

TEST_CASE("verify: a flipped byte in the first message of a segment is one message",
          "[storage][verify]") {
    const checked_store store;
    store.flip(store.segments().at(1), 70);
    const check_outcome outcome = store.check();
    CHECK(outcome.finding().kind == finding_kind::bad_checksum);
    CHECK(outcome.finding().to == checked_store::message_bytes);
    CHECK(outcome.log().messages == checked_store::messages - 1);
}

TEST_CASE("verify: behind flipped lengths the index leads to the next message that holds",
          "[storage][verify]") {
    const checked_store store;
    const std::uint64_t at = 20 * checked_store::message_bytes;
    for (const unsigned bits : {0x01U, 0x40U, 0x80U}) {
        CAPTURE(bits);
        const std::uint64_t length_at = at + message_layout::payload_length_at + 1;
        store.flip(store.segments().front(), length_at, bits);
        const check_outcome outcome = store.check();
        const finding& what = outcome.finding();
        CHECK(what.from == at);
        CHECK(what.to <= at + 8192 + checked_store::message_bytes);
        CHECK(what.first_offset == message_offset{20});
        CHECK(what.end_offset == message_offset{what.to / checked_store::message_bytes});
        const std::uint64_t lost = (what.to - what.from) / checked_store::message_bytes;
        CHECK(outcome.log().messages == checked_store::messages - lost);
        store.flip(store.segments().front(), length_at, bits);
    }
}

TEST_CASE("verify: a zeroed page is one range", "[storage][verify]") {
    const checked_store store;
    store.overwrite(store.segments().front(), 8192, std::string(4096, '\0'));
    const check_outcome outcome = store.check();
    CHECK(outcome.finding().from <= 8192);
    CHECK(outcome.finding().to >= 12288);
    CHECK(outcome.log().messages >= checked_store::messages - 18);
}

TEST_CASE("verify: a flipped byte past the recovery point is a tail, not damage",
          "[storage][verify]") {
    const checked_store store;
    temporary_directory other;
    const fs::path killed = other / "data";
    {
        auto running = store.open();
        auto log = running.open_log("orders").value();
        REQUIRE(log.append({"one", "two", "three"}));
        fs::copy(store.path(), killed, fs::copy_options::recursive);  // as a kill leaves it
    }
    const fs::path segment = killed / "orders" / store.segments().back().filename();
    store.flip(segment, fs::file_size(segment) - 2 * (message_layout::header_bytes + 4));
    const auto before = picture_of(killed);
    check_outcome outcome;
    outcome.ended = verify(killed.string(), {}, outcome);
    CHECK(picture_of(killed) == before);
    const finding& what = outcome.finding();
    CHECK(what.weight == finding_weight::note);
    CHECK(what.kind == finding_kind::torn_tail);
    CHECK(what.to == fs::file_size(segment));
    CHECK_THAT(what.text, Catch::Matchers::Contains("1 message(s) that hold"));
    CHECK(outcome.totals().intact());
    CHECK(outcome.log().messages == checked_store::messages + 1);
    CHECK(outcome.of_kind(finding_kind::not_closed).weight == finding_weight::note);
}

TEST_CASE("verify: a flipped byte in the open segment before the recovery point is damage",
          "[storage][verify]") {
    const checked_store store;
    store.flip(store.segments().back(), 100);
    const check_outcome outcome = store.check();
    CHECK(outcome.finding().weight == finding_weight::damage);
    CHECK(outcome.finding().kind == finding_kind::bad_checksum);
    CHECK(outcome.log().messages == checked_store::messages - 1);
}

TEST_CASE("verify: a file that was cut tells from where on", "[storage][verify]") {
    const checked_store store;
    const bool is_open = GENERATE(false, true);
    const bool within_message = GENERATE(false, true);
    CAPTURE(is_open, within_message);
    const fs::path segment = is_open ? store.segments().back() : store.segments().front();
    const std::uint64_t whole = fs::file_size(segment);
    const std::uint64_t kept = 3 * checked_store::message_bytes;
    store.resize(segment, kept + (within_message ? 100 : 0));
    const check_outcome outcome = store.check();
    const finding& what = outcome.finding();
    CHECK(what.kind == finding_kind::cut_short);
    CHECK(what.weight == finding_weight::damage);
    CHECK(what.from == kept);
    CHECK(what.to == whole);
    const std::uint64_t lost = (whole - kept) / checked_store::message_bytes;
    CHECK(outcome.log().messages == checked_store::messages - lost);
}

TEST_CASE("verify: a segment that is missing is named with its offsets", "[storage][verify]") {
    const checked_store store;
    const bool is_open = GENERATE(false, true);
    const fs::path segment = is_open ? store.segments().back() : store.segments().at(1);
    const std::uint64_t lost = fs::file_size(segment) / checked_store::message_bytes;
    fs::remove(segment);
    const check_outcome outcome = store.check();
    const finding& what = outcome.of_kind(finding_kind::missing_segment);
    CHECK(outcome.faults() == kinds{finding_kind::missing_segment});
    CHECK(what.file == "orders/" + segment.filename().string());
    REQUIRE(what.first_offset);
    REQUIRE(what.end_offset);
    CHECK(what.end_offset->raw() - what.first_offset->raw() == lost);
    CHECK(outcome.log().messages == checked_store::messages - lost);
}

TEST_CASE("verify: behind a torn tail the next start removes segments, and so it says",
          "[storage][verify]") {
    const checked_store store;
    fs::remove(store.path() / "manifest");  // now all of it lies past a recovery point
    store.flip(store.segments().at(1), 5 * checked_store::message_bytes + 100);
    const check_outcome outcome = store.check();
    const auto told = [&](finding_kind kind) {
        return std::ranges::count(outcome.log().findings, kind, &finding::kind);
    };
    CHECK(told(finding_kind::torn_tail) == 1);
    CHECK(told(finding_kind::behind_the_end) ==
          static_cast<std::ptrdiff_t>(store.segments().size()) - 2);
    CHECK(outcome.log().intact());
    CHECK(outcome.log().messages == store.readable().size());
    CHECK(store.segments().size() == 2);
}

TEST_CASE("verify: what an unfinished purge left is a note", "[storage][verify]") {
    const checked_store store;
    const fs::path kept = store.path() / "kept";
    fs::copy(store.path() / "orders", kept);
    {
        auto opened = store.open();
        REQUIRE(opened.open_log("orders").value().purge());
        REQUIRE(opened.close());
    }
    fs::remove_all(store.path() / "orders");
    fs::rename(kept, store.path() / "orders");
    const check_outcome outcome = store.check();
    CHECK(outcome.finding().kind == finding_kind::identity_differs);
    CHECK(outcome.finding().weight == finding_weight::note);
    CHECK(outcome.log().messages == 0);
    CHECK(store.readable().empty());
}

TEST_CASE("verify: a segment of another log does not pass, sound as its messages are",
          "[storage][verify]") {
    const checked_store store;
    fs::copy_file(store.segments().at(2), store.segments().at(1),
                  fs::copy_options::overwrite_existing);
    const check_outcome outcome = store.check();
    CHECK(std::ranges::count(outcome.faults(), finding_kind::bad_order) > 0);
    CHECK_FALSE(outcome.totals().intact());
}

TEST_CASE("verify: bytes behind the end of a complete segment are told", "[storage][verify]") {
    const checked_store store;
    const std::uint64_t whole = fs::file_size(store.segments().front());
    store.resize(store.segments().front(), whole + 10);
    const check_outcome outcome = store.check();
    CHECK(outcome.finding().kind == finding_kind::size_differs);
    CHECK(outcome.finding().from == whole);
    CHECK(outcome.finding().to == whole + 10);
}

TEST_CASE("verify: bytes that the disk refuses to read are a finding", "[storage][verify]") {
    const checked_store store;
    const auto below = open_disk(store.path().string()).value();
    const std::uint64_t at = 10 * checked_store::message_bytes + 200;
    bad_sector_disk disk{*below, "orders/00000000000000000000.log", at};
    check_outcome outcome;
    outcome.ended = verify(disk, {}, outcome);
    const finding& what = outcome.finding();
    CHECK(what.kind == finding_kind::unreadable);
    CHECK(what.weight == finding_weight::damage);
    CHECK(what.sys_errno == EIO);
    CHECK(what.from == 10 * checked_store::message_bytes);
    CHECK(what.to <= at + 8192 + checked_store::message_bytes);
    CHECK(outcome.log().messages >= checked_store::messages - 9);
}

TEST_CASE("verify: a file that cannot be read at all is a finding", "[storage][verify]") {
    const checked_store store;
    const auto below = open_disk(store.path().string()).value();
    const std::string file =
        GENERATE("manifest", "iggy.session", "orders/log.identity", "orders/stored.offsets",
                 "orders/00000000000000000000.sparse", "orders/00000000000000000000.log");
    CAPTURE(file);
    if (file == "iggy.session") {
        below->open(file, open_mode::create).value();
    }
    bad_sector_disk disk{*below, file, 0};
    check_outcome outcome;
    outcome.ended = verify(disk, {}, outcome);
    CHECK(outcome.of_kind(finding_kind::unreadable).file == file);
    CHECK_FALSE(outcome.totals().intact());
}

TEST_CASE("verify: a damaged slot of the stored offsets is one slot", "[storage][verify]") {
    const checked_store store;
    store.flip(store.file("stored.offsets"), 64 + 30);
    const check_outcome outcome = store.check();
    const finding& what = outcome.finding();
    CHECK(what.kind == finding_kind::offsets_damaged);
    CHECK(what.weight == finding_weight::damage);
    CHECK(what.from == 64);
    CHECK(what.to == 128);
    CHECK(outcome.log().stored_offsets == 1);
}

TEST_CASE("verify: stored offsets that were cut are told, zeros are a note", "[storage][verify]") {
    const checked_store store;
    store.resize(store.file("stored.offsets"), 128 + 64);
    CHECK(store.check().finding().weight == finding_weight::note);
    store.resize(store.file("stored.offsets"), 100);
    const check_outcome outcome = store.check();
    CHECK(outcome.finding().weight == finding_weight::damage);
    CHECK(outcome.finding().from == 64);
    CHECK(outcome.finding().to == 100);
}

TEST_CASE("verify: an identity that does not hold is told", "[storage][verify]") {
    const checked_store store;
    SECTION("damaged") {
        store.flip(store.file("log.identity"), 20);
        CHECK(store.check().finding().kind == finding_kind::identity_damaged);
    }
    SECTION("missing") {
        fs::remove(store.file("log.identity"));
        CHECK(store.check().finding().kind == finding_kind::identity_missing);
    }
    SECTION("missing beside stored offsets of a log that was never synced: they are nobody's") {
        auto other = store.open();
        REQUIRE(other.open_log("other"));
        REQUIRE(other.close());
        fs::create_directory(store.path() / "other");
        fs::copy_file(store.file("stored.offsets"), store.path() / "other" / "stored.offsets");
        const check_outcome outcome = store.check();
        CHECK(outcome.of_kind(finding_kind::identity_missing).text.find("to the trash") !=
              std::string::npos);
        CHECK(outcome.logs.back().stored_offsets == 0);
    }
    SECTION("of another log: all that the manifest knows is gone") {
        auto other = store.open();
        REQUIRE(other.open_log("other").value().append({"one"}));
        REQUIRE(other.close());
        fs::copy_file(store.path() / "other" / "log.identity", store.file("log.identity"),
                      fs::copy_options::overwrite_existing);
        const check_outcome outcome = store.check();
        CHECK(outcome.of_kind(finding_kind::identity_differs).weight == finding_weight::damage);
        CHECK(outcome.logs.front().messages == 0);
        CHECK(outcome.logs.back().intact());
    }
}

TEST_CASE("verify: whatever is damaged, it counts what a store can read, and changes nothing",
          "[storage][verify]") {
    std::mt19937 random{20261124};
    const auto below = [&random](std::uint64_t bound) {
        return std::uniform_int_distribution<std::uint64_t>{0, bound - 1}(random);
    };
    for (int round = 0; round < 12; ++round) {
        const checked_store store;
        for (std::uint64_t damages = 1 + below(6); damages > 0; --damages) {
            const auto files = below(3) == 0 ? store.indexes() : store.segments();
            const fs::path& file = files.at(below(files.size()));
            if (const std::uint64_t bytes = fs::file_size(file); bytes == 0 || below(8) == 0) {
                store.resize(file, below(bytes + 1));
            } else {
                store.flip(file, below(bytes), static_cast<unsigned>(1 + below(255)));
            }
        }
        CAPTURE(round);
        const check_outcome outcome = store.check();
        const std::uint64_t messages = outcome.log().messages;
        const std::vector<std::uint64_t> readable = store.readable();
        CHECK(messages >= readable.size());
        CHECK((outcome.totals().damages > 0) == (messages < checked_store::messages));
    }
}
