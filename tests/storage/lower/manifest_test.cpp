#include <algorithm>
#include <array>
#include <atomic>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <iggy/base/bytes.hpp>
#include <iggy/base/checksum.hpp>

#include "manifest.hpp"
#include "manifest_entries.hpp"
#include "manifest_format.hpp"
#include "storage/lower/test_disks.hpp"
#include "support/catch.hpp"

using namespace iggy::storage;
using iggy::log_uid;
using iggy::message_offset;
namespace record = iggy::storage::manifest_record;

namespace {

using changes = std::vector<manifest_change>;

segment_summary segment(std::uint64_t base, std::uint64_t last) {
    return {message_offset{base},
            message_offset{last},
            last - base + 1,
            (last - base + 1) * 100,
            iggy::timestamp_from_raw(1'000 + base),
            iggy::timestamp_from_raw(1'000 + last)};
}

recovery_point point(std::uint64_t base, std::uint64_t next) {
    return {segment(base, next - 1), message_offset{next}};
}

log_entry only_entry(const changes& applied) {
    manifest_entries entries;
    for (const auto& change : applied) {
        entries.apply(change);
    }
    REQUIRE(entries.all().size() == 1);
    return entries.all().begin()->second;
}

std::vector<log_entry> listed(const manifest_entries& entries) {
    std::vector<log_entry> all;
    for (const auto& [uid, log] : entries.all()) {
        all.push_back(log);
    }
    return all;
}

/// Changes at random, mostly sensible: few logs, so that they meet.
class random_changes {
public:
    explicit random_changes(std::uint64_t seed) : random_{seed} {}

    manifest_change next() {
        const log_uid uid{1 + below(6)};
        const auto generation = static_cast<std::uint32_t>(below(5));
        const std::uint64_t base = below(20) * 10;
        const std::uint64_t last = base + below(10);
        switch (below(11)) {
            case 0:
            case 1:
                return record::create{uid, "logs/" + std::to_string(below(6))};
            case 2:
                return below(4) == 0 ? manifest_change{record::remove{uid}}
                                     : manifest_change{record::uids{log_uid{below(40)}}};
            case 3:
                return record::purge{uid, generation};
            case 4:
                return record::start{uid, message_offset{base}};
            case 5:
                return record::truncate{uid, generation, message_offset{last}};
            case 6:
                return record::truncated{uid, point(base, last + 1)};
            case 7:
            case 8:
                return record::point{uid, generation, point(base, last + 1)};
            default:
                return record::seal{uid, generation, segment(base, last)};
        }
    }
    std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

private:
    std::mt19937_64 random_;
};

std::string read_manifest(const test_disk& disk) {
    return contents_of(*disk->open("manifest", open_mode::read).value());
}

void write_manifest(const test_disk& disk, std::string_view bytes) {
    const auto file = disk->open("manifest", open_mode::create).value();
    const std::array<iggy::byte_view, 1> parts{iggy::as_bytes(bytes)};
    file->resize(0).value();
    file->write_at(0, parts).value();
}

std::string golden(const std::string& name) {
    std::ifstream file{std::string{IGGY_GOLDEN_DIR} + "/storage/" + name, std::ios::binary};
    REQUIRE(file);
    return {std::istreambuf_iterator<char>{file}, {}};
}

/// One of each kind, as the golden file has them: two groups.
const std::array<changes, 2> golden_changes{
    changes{record::uids{log_uid{3}}, record::create{log_uid{3}, "streams/1/topics/1/partitions/0"},
            record::create{log_uid{4}, "gone"}, record::seal{log_uid{3}, 0, segment(0, 99)},
            record::seal{log_uid{3}, 0, segment(100, 199)},
            record::point{log_uid{3}, 0, point(200, 250)}, record::remove{log_uid{4}}},
    changes{record::create{log_uid{5}, "catalog"}, record::purge{log_uid{5}, 1},
            record::start{log_uid{3}, message_offset{100}},
            record::truncate{log_uid{3}, 1, message_offset{220}},
            record::truncated{log_uid{3}, point(200, 220)}}};

}  // namespace

TEST_CASE("manifest: one that is absent is incomplete until the first commit",
          "[storage][manifest]") {
    const test_disk disk{GENERATE("posix", "memory")};
    for (int again = 0; again < 2; ++again) {
        const auto opened = manifest::open(*disk).value();
        CHECK_FALSE(opened.complete);
        CHECK(opened.file->entries().empty());
    }
    CHECK(disk->list("").value().empty());
    {
        const auto opened = manifest::open(*disk).value();
        const auto uids = opened.file->reserve_uids(2);
        CHECK(uids == std::vector{log_uid{1}, log_uid{2}});
        opened.file->commit(changes{record::create{uids[0], "a"}}).value();
        CHECK(opened.file->find("a")->uid == uids[0]);
        CHECK(opened.file->find(uids[0])->path == "a");
        CHECK_FALSE(opened.file->find("b"));
    }
    const auto opened = manifest::open(*disk).value();
    CHECK(opened.complete);
    REQUIRE(opened.file->entries().size() == 1);
    CHECK(opened.file->entries().front().path == "a");
}

TEST_CASE("manifest: uids are never given out twice, removed ones included",
          "[storage][manifest]") {
    const test_disk disk{GENERATE("posix", "memory")};
    {
        const auto file = manifest::open(*disk).value().file;
        file->commit(changes{record::create{log_uid{7}, "a"}, record::remove{log_uid{7}}}).value();
        CHECK(file->reserve_uids(1).front() == log_uid{8});
        CHECK(file->reserve_uids(1).front() == log_uid{9});
    }
    const auto file = manifest::open(*disk).value().file;
    CHECK(file->reserve_uids(1).front() == log_uid{8});  // no create used those two
    file->skip_uids(log_uid{20});
    file->skip_uids(log_uid{10});
    CHECK(file->reserve_uids(2) == std::vector{log_uid{21}, log_uid{22}});
}

TEST_CASE("manifest: the bytes of version 1", "[storage][manifest][golden]") {
    std::string bytes{iggy::as_text(manifest_format::encode_header())};
    for (const changes& group : golden_changes) {
        std::string records;
        for (const auto& change : group) {
            manifest_format::append_record(records, change).value();
        }
        manifest_format::append_group(bytes, records, static_cast<std::uint32_t>(group.size()));
    }
    CHECK(bytes == golden("manifest-1.bin"));
}

TEST_CASE("manifest: a file of version 1 opens", "[storage][manifest][golden]") {
    const test_disk disk{GENERATE("posix", "memory")};
    write_manifest(disk, golden("manifest-1.bin"));
    const auto opened = manifest::open(*disk).value();
    CHECK(opened.complete);
    log_entry partition{log_uid{3},
                        "streams/1/topics/1/partitions/0",
                        1,
                        message_offset{100},
                        {segment(100, 199)},
                        point(200, 220),
                        {}};
    log_entry catalog{log_uid{5}, "catalog", 1, {}, {}, {}, {}};
    CHECK(opened.file->entries() == std::vector{partition, catalog});
    CHECK(opened.file->reserve_uids(1).front() == log_uid{6});
}

TEST_CASE("manifest: a newer version is refused and left untouched", "[storage][manifest]") {
    const test_disk disk{GENERATE("posix", "memory")};
    std::string bytes = golden("manifest-1.bin");
    const auto header = std::as_writable_bytes(std::span{bytes}).first(24);
    iggy::store_le(header, 8, std::uint32_t{2});
    iggy::store_le(header, 16, iggy::xxh3_64(iggy::byte_view{header}.first(16)));
    write_manifest(disk, bytes);
    CHECK(manifest::open(*disk).error().code == errc::unsupported_version);
    CHECK(read_manifest(disk) == bytes);
}

TEST_CASE("manifest entries: stale and unknown changes change nothing", "[storage][manifest]") {
    const changes before{record::create{log_uid{1}, "a"}, record::purge{log_uid{1}, 2},
                         record::seal{log_uid{1}, 2, segment(0, 9)},
                         record::point{log_uid{1}, 2, point(10, 15)}};
    const log_entry expected = only_entry(before);
    const changes ignored{record::seal{log_uid{1}, 1, segment(20, 29)},
                          record::point{log_uid{1}, 3, point(20, 25)},
                          record::point{log_uid{1}, 2, point(10, 12)},
                          record::purge{log_uid{1}, 2},
                          record::truncate{log_uid{1}, 1, message_offset{0}},
                          record::truncated{log_uid{1}, point(0, 1)},
                          record::create{log_uid{1}, "b"},
                          record::create{log_uid{2}, "a"},
                          record::seal{log_uid{9}, 0, segment(0, 9)},
                          record::remove{log_uid{9}},
                          record::start{log_uid{9}, message_offset{5}}};
    for (const auto& change : ignored) {
        CAPTURE(change.index());
        changes applied = before;
        applied.push_back(change);
        CHECK(only_entry(applied) == expected);
    }
}

TEST_CASE("manifest entries: a truncation drops what it reaches and unseals what it cuts",
          "[storage][manifest]") {
    changes applied{record::create{log_uid{1}, "a"}, record::seal{log_uid{1}, 0, segment(0, 9)},
                    record::seal{log_uid{1}, 0, segment(10, 19)},
                    record::seal{log_uid{1}, 0, segment(20, 29)},
                    record::point{log_uid{1}, 0, point(30, 35)}};
    SECTION("in the middle of a segment") {
        applied.push_back(record::truncate{log_uid{1}, 1, message_offset{15}});
        const log_entry log = only_entry(applied);
        CHECK(log.sealed == std::vector{segment(0, 9)});
        CHECK_FALSE(log.recovered_to);
        CHECK(log.truncation == pending_truncation{message_offset{15}});
        CHECK(log.generation == 1);
    }
    SECTION("between two segments") {
        applied.push_back(record::truncate{log_uid{1}, 1, message_offset{20}});
        CHECK(only_entry(applied).sealed == std::vector{segment(0, 9), segment(10, 19)});
    }
    SECTION("past the recovery point, which stays") {
        applied.push_back(record::truncate{log_uid{1}, 1, message_offset{35}});
        CHECK(only_entry(applied).recovered_to == point(30, 35));
    }
    SECTION("and is over when it is done") {
        applied.push_back(record::truncate{log_uid{1}, 1, message_offset{15}});
        applied.push_back(record::truncated{log_uid{1}, point(10, 15)});
        const log_entry log = only_entry(applied);
        CHECK_FALSE(log.truncation);
        CHECK(log.recovered_to == point(10, 15));
    }
}

TEST_CASE("manifest entries: a purge forgets all but the log, a start what lies before it",
          "[storage][manifest]") {
    changes applied{record::create{log_uid{1}, "a"}, record::seal{log_uid{1}, 0, segment(10, 19)},
                    record::seal{log_uid{1}, 0, segment(0, 9)},
                    record::start{log_uid{1}, message_offset{10}},
                    record::start{log_uid{1}, message_offset{5}}};
    CHECK(only_entry(applied).sealed == std::vector{segment(10, 19)});
    CHECK(only_entry(applied).start == message_offset{10});
    applied.push_back(record::purge{log_uid{1}, 1});
    CHECK(only_entry(applied) == log_entry{log_uid{1}, "a", 1, {}, {}, {}, {}});
}

TEST_CASE("manifest: what was committed is what a reopening finds",
          "[storage][manifest][property]") {
    const test_disk disk{GENERATE("posix", "memory")};
    const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{21}));
    CAPTURE(seed);
    random_changes random{seed};
    manifest_entries model;
    auto file = manifest::open(*disk).value().file;
    for (int step = 0; step < 60; ++step) {
        changes group(1 + random.below(8));
        for (auto& change : group) {
            change = random.next();
            model.apply(change);
        }
        file->commit(group).value();
        REQUIRE(file->entries() == listed(model));
        if (random.below(5) == 0) {
            file.reset();
            auto opened = manifest::open(*disk).value();
            REQUIRE(opened.complete);
            file = std::move(opened.file);
            REQUIRE(file->entries() == listed(model));
            REQUIRE(file->reserve_uids(1).front() == model.next_uid());
        }
    }
    // What a rewritten file says is the same.
    manifest_entries rewritten;
    for (const auto& change : model.changes()) {
        rewritten.apply(change);
    }
    CHECK(listed(rewritten) == listed(model));
    CHECK(rewritten.next_uid() == model.next_uid());
}

TEST_CASE("manifest: cut at any byte of its last group, it says what was before that group",
          "[storage][manifest][damage]") {
    const test_disk disk{"memory"};
    std::vector<log_entry> before;
    std::vector<log_entry> after;
    std::size_t size_before = 0;
    {
        const auto file = manifest::open(*disk).value().file;
        file->commit(golden_changes[0]).value();
        before = file->entries();
        size_before = read_manifest(disk).size();
        file->commit(golden_changes[1]).value();
        after = file->entries();
    }
    const std::string whole = read_manifest(disk);
    for (std::size_t size = size_before; size <= whole.size(); ++size) {
        CAPTURE(size);
        for (const std::string_view rest : {"", "zeros", "noise"}) {
            // A torn write may also have left space behind with anything in it.
            std::string bytes = whole.substr(0, size);
            if (!rest.empty()) {
                bytes.resize(whole.size(), rest == "zeros" ? '\0' : '\x5a');
            }
            write_manifest(disk, bytes);
            const auto opened = manifest::open(*disk).value();
            REQUIRE(opened.complete);
            // The padding at the end of a group is zeros already.
            const bool is_whole = bytes == whole;
            REQUIRE(opened.file->entries() == (is_whole ? after : before));
            REQUIRE(read_manifest(disk) == whole.substr(0, is_whole ? whole.size() : size_before));
            opened.file->commit(changes{record::create{log_uid{9}, "next"}}).value();
            REQUIRE(manifest::open(*disk).value().file->find("next"));
        }
    }
}

TEST_CASE("manifest: a byte flipped anywhere loses that group and no other",
          "[storage][manifest][damage]") {
    const test_disk disk{"memory"};
    std::vector<std::size_t> ends;
    {
        const auto file = manifest::open(*disk).value().file;
        for (std::uint64_t uid = 1; uid <= 4; ++uid) {
            file->commit(changes{record::create{log_uid{uid}, "log" + std::to_string(uid)}})
                .value();
            ends.push_back(read_manifest(disk).size());
        }
    }
    const std::string whole = read_manifest(disk);
    for (std::size_t at = 0; at < whole.size(); ++at) {
        CAPTURE(at);
        std::string bytes = whole;
        bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
        write_manifest(disk, bytes);
        const auto opened = manifest::open(*disk).value();
        const auto hit =
            static_cast<std::size_t>(std::upper_bound(ends.begin(), ends.end(), at) - ends.begin());
        const bool in_header = at < manifest_format::header_bytes;
        const bool in_last = hit + 1 == ends.size();
        // The last group cannot be told from a torn one.
        REQUIRE(opened.complete == (in_last && !in_header));
        for (std::uint64_t uid = 1; uid <= 4; ++uid) {
            const bool lost = !in_header && uid == hit + 1;
            REQUIRE(opened.file->find(log_uid{uid}).has_value() == !lost);
        }
        if (opened.complete) {
            continue;
        }
        // It stays incomplete until somebody completes it, and then it is whole.
        REQUIRE_FALSE(manifest::open(*disk).value().complete);
        const log_uid missing{in_header ? 5 : hit + 1};
        opened.file->commit(changes{record::create{missing, "found"}}).value();
        const auto completed = manifest::open(*disk).value();
        REQUIRE(completed.complete);
        REQUIRE(completed.file->entries() == opened.file->entries());
    }
}

TEST_CASE("manifest: one that has grown is rewritten and still says the same",
          "[storage][manifest]") {
    const test_disk disk{GENERATE("posix", "memory")};
    {
        const auto file = manifest::open(*disk).value().file;
        file->commit(changes{record::create{log_uid{1}, "a"}}).value();
        std::uint64_t greatest = 0;
        for (std::uint64_t step = 1; step <= 40; ++step) {
            changes group(1'000, record::point{log_uid{1}, 0, point(0, step)});
            file->commit(group).value();
            greatest = std::max<std::uint64_t>(greatest, read_manifest(disk).size());
        }
        CHECK(greatest < (1 << 20) + 100'000);
        CHECK(file->find("a")->recovered_to == point(0, 40));
    }
    const auto opened = manifest::open(*disk).value();
    CHECK(opened.complete);
    CHECK(opened.file->find("a")->recovered_to == point(0, 40));
    CHECK(disk->list("").value().size() == 1);
}

TEST_CASE("manifest: a rewriting that was cut off leaves the old file in charge",
          "[storage][manifest]") {
    const test_disk disk{GENERATE("posix", "memory")};
    write_manifest(disk, golden("manifest-1.bin"));
    disk.create("manifest.new")->resize(100'000).value();
    const auto opened = manifest::open(*disk).value();
    CHECK(opened.complete);
    CHECK(opened.file->entries().size() == 2);
}

TEST_CASE("manifest: many threads commit at once and nothing is lost", "[storage][manifest]") {
    const test_disk disk{GENERATE("posix", "memory")};
    {
        const auto file = manifest::open(*disk).value().file;
        std::vector<std::thread> threads;
        std::atomic<int> failed{0};
        for (int thread = 0; thread < 6; ++thread) {
            threads.emplace_back([&] {
                for (int step = 0; step < 30; ++step) {
                    const log_uid uid = file->reserve_uids(1).front();
                    const changes one{record::create{uid, "log" + std::to_string(uid.raw())}};
                    if (!file->commit(one) || !file->find(uid)) {
                        ++failed;
                    }
                }
            });
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
        CHECK(failed == 0);
        CHECK(file->entries().size() == 180);
    }
    CHECK(manifest::open(*disk).value().file->entries().size() == 180);
}

TEST_CASE("manifest: what cannot be encoded is refused before anything is written",
          "[storage][manifest]") {
    const test_disk disk{"memory"};
    const auto file = manifest::open(*disk).value().file;
    file->commit({}).value();
    const std::string long_path(manifest_format::path_bytes_max + 1, 'p');
    for (const std::string& path : {std::string{}, long_path}) {
        const changes refused{record::create{log_uid{1}, "good"}, record::create{log_uid{2}, path}};
        CHECK(file->commit(refused).error().code == errc::invalid_argument);
    }
    CHECK(file->entries().empty());
}
