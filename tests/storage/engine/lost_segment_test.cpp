// What is left of a log that lost a segment: an error for a range, or its end.

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "storage/crash/crashing_disk.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"
#include "test_store.hpp"

using namespace iggy;
using namespace iggy::storage;
namespace fs = std::filesystem;

TEST_CASE("recovery: a sealed segment that vanished is an error for its range alone",
          "[storage][recovery]") {
    temporary_directory at;
    {
        test_store store{at.path(), {}, {.segment_bytes = 1500}};
        for (int i = 0; i < 60; i += 5) {
            REQUIRE(store.append(hundred_bytes(i, 5)));
        }
        store.settle();
        REQUIRE(store.close());
    }
    std::vector<fs::path> logs;
    for (const auto& entry : fs::directory_iterator{fs::path{at.path()} / "logs/one"}) {
        if (entry.path().extension() == ".log") {
            logs.push_back(entry.path());
        }
    }
    std::sort(logs.begin(), logs.end());
    REQUIRE(logs.size() > 3);
    const auto gone = std::stoull(logs[1].stem().string());
    const auto after = std::stoull(logs[2].stem().string());
    fs::remove(logs[1]);
    test_store store{at.path()};
    CHECK(store.read(read_start::first, 0, 100).value().size() == gone);
    const auto missing = store.read(read_start::offset, gone, 1);
    REQUIRE_FALSE(missing);
    CHECK(missing.error().code == errc::missing_segment);
    CHECK(missing.error().segment.raw() == gone);
    CHECK(store.read(read_start::offset, after, 100).value().size() == 60 - after);
    CHECK(store.append({"goes on"}).value().raw() == 60);
}

TEST_CASE("recovery: an open segment that vanished is an error for its range alone",
          "[storage][recovery]") {
    temporary_directory at;
    {
        test_store store{at.path()};
        REQUIRE(store.append(hundred_bytes(0, 3)));
        REQUIRE(store.close());
    }
    fs::remove(fs::path{at.path()} / "logs/one/00000000000000000000.log");
    for (std::uint64_t start = 0; start < 2; ++start) {
        test_store store{at.path()};
        CHECK(store.read(read_start::offset, 1, 1).error().code == errc::missing_segment);
        CHECK(store.append({"goes on"}).value().raw() == 3 + start);
        CHECK(store.read(read_start::offset, 3, 10).value().size() == 1 + start);
        CHECK(store.close());
    }
}

TEST_CASE("recovery: a log that lost an early segment before anything was synced ends there",
          "[storage][recovery]") {
    const store_options options{.durability = durability::written, .segment_bytes = 500};
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        const std::uint64_t lost =
            std::array<std::uint64_t, 3>{0, 3, 5}[seed % 3];  // five messages to a segment
        CAPTURE(seed);
        crashing_disk disk{seed};
        {
            test_store store{disk.mount(), options, {}};
            for (int i = 0; i < 9; ++i) {
                REQUIRE(store.append(hundred_bytes(i, 1)));
            }
            disk.stop(stop_kind::killed);
        }
        const auto left = disk.mount();
        if (lost == 3) {
            const auto torn =
                left->open(fmt::format("logs/one/{:020}.log", 0), open_mode::read_write);
            REQUIRE((*torn)->resize(lost * hundred_bytes_on_disk));
            REQUIRE((*torn)->sync());
        } else {
            REQUIRE(left->remove(fmt::format("logs/one/{:020}.log", lost)));
        }
        REQUIRE(left->sync_directory("logs/one"));
        {
            test_store store{disk.mount(), options, {}};
            CHECK(store.read_all().size() == lost);
            CHECK(store.append({"goes on"}).value().raw() == lost);
            CHECK(store.append({"goes on"}));  // with these two a torn segment is whole again
            if (seed % 2 == 0) {
                REQUIRE(store.flush(true));
            }
            disk.stop(stop_kind::power_cut);
        }
        test_store store{disk.mount(), options, {}};
        const auto found = store.read_all();
        CHECK((found.size() == lost + 2 || seed % 2 == 1));
        for (std::size_t i = lost; i < found.size(); ++i) {
            CHECK(found[i].text == "goes on");
        }
    }
}

TEST_CASE("recovery: segments behind a gap do not come back behind what was written in it",
          "[storage][recovery]") {
    // Five messages to a segment.
    const store_options options{.durability = durability::synced, .segment_bytes = 500};
    const std::string behind = fmt::format("logs/one/{:020}.log", 5);
    std::vector<std::byte> bytes(2 * hundred_bytes_on_disk);
    {
        crashing_disk other{1};
        test_store store{other.mount(), options, {}};
        for (int i = 0; i < 7; ++i) {
            REQUIRE(store.append(hundred_bytes(i, 1)));
        }
        other.stop(stop_kind::killed);
        const auto left = other.mount();
        REQUIRE(left->open(behind, open_mode::read).value()->read_at(0, bytes).value() ==
                bytes.size());
    }
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        CAPTURE(seed);
        crashing_disk disk{seed};
        {
            test_store store{disk.mount(), options, {}};
            for (int i = 0; i < 3; ++i) {
                REQUIRE(store.append(hundred_bytes(i, 1)));
            }
            REQUIRE(store.close());
        }
        const auto left = disk.mount();
        const auto file = left->open(behind, open_mode::create).value();
        const byte_view part{bytes};
        REQUIRE(file->write_at(0, {&part, 1}));
        REQUIRE(file->sync());
        REQUIRE(left->sync_directory("logs/one"));
        {
            test_store store{disk.mount(), options, {}};
            CHECK(store.read_all().size() == 3);
            REQUIRE(store.append(hundred_bytes(3, 2)));
            disk.stop(stop_kind::power_cut);
        }
        test_store store{disk.mount(), options, {}};
        CHECK(store.read_all().size() == 5);
    }
}

TEST_CASE("recovery: nothing is left behind a lost segment where those before it were deleted",
          "[storage][recovery]") {
    const store_options options{.durability = durability::written, .segment_bytes = 500};
    crashing_disk disk{1};
    {
        test_store store{disk.mount(), options, {}};
        REQUIRE(store.append(hundred_bytes(0, 1)));
        REQUIRE(store.close());  // with a recovery point in the first segment
    }
    {
        test_store store{disk.mount(), options, {}};
        for (int i = 1; i < 5; ++i) {
            REQUIRE(store.append(hundred_bytes(i, 1)));
        }
        store.settle();  // with a recovery point at its end
        REQUIRE(store.append(hundred_bytes(5, 1)));
        REQUIRE(store.delete_oldest_segments(1));
        for (int i = 6; i < 12; ++i) {
            REQUIRE(store.append(hundred_bytes(i, 1)));
        }
        disk.stop(stop_kind::killed);
    }
    const auto left = disk.mount();
    std::vector<std::string> segments;
    for (const directory_entry& entry : left->list("logs/one").value()) {
        if (entry.name.ends_with(".log")) {
            segments.push_back(entry.name);
        }
    }
    std::ranges::sort(segments);
    REQUIRE(segments.size() == 2);
    REQUIRE(left->remove("logs/one/" + segments.front()));
    test_store store{disk.mount(), options, {}};
    CHECK(store.read_all().empty());
    REQUIRE(store.append({"goes on"}));
    CHECK(store.read_all().size() == 1);
}
