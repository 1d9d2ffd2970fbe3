#include <algorithm>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "storage/crash/crashing_disk.hpp"
#include "stored_offsets.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"
#include "test_store.hpp"

using namespace iggy;
using namespace iggy::storage;
namespace fs = std::filesystem;

namespace {

fs::path segment(const temporary_directory& at, std::uint64_t base,
                 const char* extension = ".log") {
    return fs::path{at.path()} / "logs/one" / fmt::format("{:020}{}", base, extension);
}

void flip_byte(const fs::path& file, std::uint64_t position) {
    std::fstream stream{file, std::ios::in | std::ios::out | std::ios::binary};
    stream.seekg(static_cast<std::streamoff>(position));
    const char was = static_cast<char>(stream.get());
    stream.seekp(static_cast<std::streamoff>(position));
    stream.put(static_cast<char>(was ^ 0x20));
}

}  // namespace

TEST_CASE("recovery: what was committed is there after a stop without goodbye",
          "[storage][recovery]") {
    const auto level = GENERATE(durability::written, durability::synced);
    temporary_directory at;
    for (int round = 0; round < 5; ++round) {
        test_store store{at.path(), {.durability = level}, {.segment_bytes = 1500}};
        CHECK(store.read_all().size() == static_cast<std::size_t>(round) * 10);
        for (int i = 0; i < 10; i += 2) {
            CHECK(store.append(hundred_bytes(round * 10 + i, 2)).value().raw() ==
                  static_cast<std::uint64_t>(round * 10 + i));
        }
    }
    test_store store{at.path()};
    const auto all = store.read_all();
    REQUIRE(all.size() == 50);
    for (std::uint64_t i = 0; i < 50; ++i) {
        CHECK(all[i] == seen_message{i, fmt::format("{:0100}", i)});
    }
}

TEST_CASE("recovery: a closed log opens without reading its messages", "[storage][recovery]") {
    temporary_directory at;
    {
        test_store store{at.path(), {.durability = durability::memory}};
        REQUIRE(store.append(hundred_bytes(0, 10)));
        REQUIRE(store.close());
    }
    // Damage before the recovery point does not touch the start, only the range itself.
    flip_byte(segment(at, 0), 3 * hundred_bytes_on_disk + 70);
    test_store store{at.path()};
    CHECK(store.log().committed_next().raw() == 10);
    CHECK(store.read(read_start::first, 0, 10).value().size() == 3);
    const auto damaged = store.read(read_start::offset, 3, 10);
    REQUIRE_FALSE(damaged);
    CHECK(damaged.error().code == errc::corrupt);
    CHECK(store.read(read_start::offset, 4, 10).value().size() == 6);
    CHECK(store.append({"goes on"}).value().raw() == 10);
}

TEST_CASE("recovery: a segment cut at any byte keeps the messages before the cut",
          "[storage][recovery]") {
    temporary_directory original;
    {
        test_store store{original.path()};
        REQUIRE(store.append(hundred_bytes(0, 3)));
        REQUIRE(store.append(hundred_bytes(3, 2)));
    }
    for (std::uint64_t size = 0; size <= 5 * hundred_bytes_on_disk; ++size) {
        CAPTURE(size);
        temporary_directory at;
        fs::copy(original.path(), at.path(),
                 fs::copy_options::recursive | fs::copy_options::overwrite_existing);
        fs::resize_file(segment(at, 0), size);
        const std::uint64_t whole = size / hundred_bytes_on_disk;
        test_store store{at.path()};
        REQUIRE(store.log().committed_next().raw() == whole);
        REQUIRE(store.read_all().size() == whole);
        REQUIRE(fs::file_size(segment(at, 0)) == whole * hundred_bytes_on_disk);
        REQUIRE(store.append({"next"}).value().raw() == whole);
    }
}

TEST_CASE("recovery: a flipped byte past the recovery point cuts the tail there",
          "[storage][recovery]") {
    for (std::uint64_t position = 0; position < hundred_bytes_on_disk; position += 7) {
        CAPTURE(position);
        temporary_directory at;
        {
            test_store store{at.path()};
            REQUIRE(store.append(hundred_bytes(0, 4)));
        }
        flip_byte(segment(at, 0), 2 * hundred_bytes_on_disk + position);
        test_store store{at.path()};
        CHECK(store.read_all().size() == 2);
        CHECK(store.append({"next"}).value().raw() == 2);
    }
}

TEST_CASE("recovery: an index that is missing, foreign or torn is made anew",
          "[storage][recovery]") {
    temporary_directory at;
    {
        test_store store{at.path(), {}, {.segment_bytes = 20'000}};
        for (int i = 0; i < 400; i += 10) {
            REQUIRE(store.append(hundred_bytes(i, 10)));
        }
        store.settle();
        REQUIRE(store.close());
    }
    const int harm = GENERATE(0, 1, 2, 3);
    for (const auto& entry : fs::directory_iterator{fs::path{at.path()} / "logs/one"}) {
        if (entry.path().extension() != ".sparse") {
            continue;
        }
        switch (harm) {
            case 0:
                fs::remove(entry.path());
                break;
            case 1:
                flip_byte(entry.path(), 20);
                break;
            case 2:
                fs::resize_file(entry.path(), fs::file_size(entry.path()) / 2);
                break;
            case 3:
                flip_byte(entry.path(), 64 + 20);
                break;
            default:
                break;
        }
    }
    test_store store{at.path()};
    for (std::uint64_t from = 0; from < 400; from += 13) {
        CAPTURE(from);
        CHECK(store.read(read_start::offset, from, 1).value().front().offset == from);
    }
    CHECK(store.read_all().size() == 400);
}

TEST_CASE("recovery: what a synced log shows after a kill is there after a power cut as well",
          "[storage][recovery]") {
    const store_options options{.durability = durability::synced};
    for (std::uint64_t run = 0; run < 300; ++run) {
        CAPTURE(run);
        crashing_disk disk{run};
        {
            test_store store{disk.mount(), options, {}};
            disk.stop_at(disk.steps() + run % 12, stop_kind::killed);
            (void)store.append(std::vector<std::string>(20, std::string(300, 'x')));
            disk.stop(stop_kind::killed);
        }
        std::size_t shown = 0;
        {
            test_store store{disk.mount(), options, {}};
            shown = store.read_all().size();
            disk.stop(stop_kind::power_cut);
        }
        test_store store{disk.mount(), options, {}};
        CHECK(store.read_all().size() >= shown);
    }
}

TEST_CASE("recovery: a lost manifest is made anew from the directories", "[storage][recovery]") {
    temporary_directory at;
    {
        test_store store{at.path(), {}, {.segment_bytes = 1500}};
        for (int i = 0; i < 60; i += 5) {
            REQUIRE(store.append(hundred_bytes(i, 5)));
        }
        store.settle();
    }
    fs::remove(fs::path{at.path()} / "manifest");
    test_store store{at.path()};
    CHECK(store.read_all().size() == 60);
    CHECK(store.append({"goes on"}).value().raw() == 60);
}

TEST_CASE("recovery: recovering twice equals recovering once", "[storage][recovery]") {
    temporary_directory at;
    {
        test_store store{at.path(), {}, {.segment_bytes = 1500}};
        for (int i = 0; i < 33; i += 3) {
            REQUIRE(store.append(hundred_bytes(i, 3)));
        }
        REQUIRE(store.store_offset(7, 20));
    }
    std::uint64_t last_base = 0;
    for (const auto& entry : fs::directory_iterator{fs::path{at.path()} / "logs/one"}) {
        if (entry.path().extension() == ".log") {
            last_base =
                std::max<std::uint64_t>(last_base, std::stoull(entry.path().stem().string()));
        }
    }
    fs::resize_file(segment(at, last_base), fs::file_size(segment(at, last_base)) - 1);
    const auto state = [&] {
        test_store store{at.path()};
        CHECK(store.log().stored_offset(offset_key{7}) == message_offset{20});
        return store.read_all();
    };
    const auto once = state();
    CHECK(once.size() == 32);
    CHECK(state() == once);
}

TEST_CASE("recovery: stored offsets survive, each on its own", "[storage][recovery]") {
    temporary_directory at;
    {
        test_store store{at.path()};
        REQUIRE(store.append(hundred_bytes(0, 10)));
        for (std::uint64_t key = 1; key <= 5; ++key) {
            REQUIRE(store.store_offset(key, key));
        }
        REQUIRE(store.store_offset(2, 9));
        CHECK(store.store_offset(3, 10).error().code == errc::invalid_argument);
    }
    flip_byte(fs::path{at.path()} / "logs/one/stored.offsets", 64 * 3 + 30);
    test_store store{at.path()};
    CHECK(store.log().stored_offset(offset_key{1}) == message_offset{1});
    CHECK(store.log().stored_offset(offset_key{2}) == message_offset{9});
    CHECK(store.log().stored_offset(offset_key{3}) == message_offset{3});
    CHECK_FALSE(store.log().stored_offset(offset_key{4}));
    CHECK(store.log().stored_offset(offset_key{5}) == message_offset{5});
}

TEST_CASE("directory: what is not ours is refused and left untouched", "[storage]") {
    temporary_directory at;
    std::ofstream{fs::path{at.path()} / "precious"} << "data";
    const auto opened = data_directory::open(at.path());
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == errc::foreign_directory);
    CHECK(fs::exists(fs::path{at.path()} / "precious"));
    CHECK_FALSE(fs::exists(fs::path{at.path()} / "iggy.format"));
}

TEST_CASE("directory: a newer format is refused, a second opener too", "[storage]") {
    temporary_directory at;
    {
        const auto opened = data_directory::open(at.path());
        REQUIRE(opened);
        CHECK(data_directory::open(at.path()).error().code == errc::locked);
    }
    std::ofstream{fs::path{at.path()} / "iggy.format"} << "Iggy for C++ data directory, format 2\n";
    CHECK(data_directory::open(at.path()).error().code == errc::unsupported_version);
}

TEST_CASE("recovery: a flipped byte anywhere in the manifest loses no message",
          "[storage][recovery]") {
    temporary_directory original;
    {
        test_store store{original.path(), {}, {.segment_bytes = 1500}};
        REQUIRE(store.append(hundred_bytes(900, 5)));
        REQUIRE(store.purge());
        for (int i = 0; i < 30; i += 5) {
            REQUIRE(store.append(hundred_bytes(i, 5)));
        }
        store.settle();
    }
    const auto size = fs::file_size(fs::path{original.path()} / "manifest");
    for (std::uint64_t position = 0; position < size; position += 3) {
        CAPTURE(position);
        temporary_directory at;
        fs::copy(original.path(), at.path(),
                 fs::copy_options::recursive | fs::copy_options::overwrite_existing);
        flip_byte(fs::path{at.path()} / "manifest", position);
        if (position / 4 == 2) {
            continue;  // the version
        }
        test_store store{at.path()};
        REQUIRE(store.read_all().size() == 30);
        REQUIRE(store.append({"next"}).value().raw() == 30);
    }
}

TEST_CASE("recovery: a message at the last possible offset, which none can follow, is not one",
          "[storage][recovery]") {
    temporary_directory at;
    {
        test_store store{at.path()};
        REQUIRE(store.append({"kept"}));
    }
    auto forged = make_batch({"forged"});
    store_le<std::uint64_t>(forged, message_layout::offset_at, UINT64_MAX);
    store_le<std::uint64_t>(forged, message_layout::timestamp_at, INT64_MAX);
    store_le(forged, message_layout::checksum_at,
             xxh3_64(byte_view{forged}.subspan(message_layout::id_at)));
    std::ofstream{segment(at, 0), std::ios::app | std::ios::binary} << as_text(forged);
    test_store store{at.path()};
    CHECK(store.append({"next"}).value().raw() == 1);
    CHECK(store.read_all() == std::vector<seen_message>{{0, "kept"}, {1, "next"}});
}

TEST_CASE("recovery: messages that changed places are not read as if they had not",
          "[storage][recovery]") {
    temporary_directory at;
    {
        test_store store{at.path()};
        REQUIRE(store.append(hundred_bytes(0, 4)));
        REQUIRE(store.close());
    }
    {
        std::fstream file{segment(at, 0), std::ios::in | std::ios::out | std::ios::binary};
        std::string two(2 * hundred_bytes_on_disk, '\0');
        file.seekg(hundred_bytes_on_disk);
        file.read(two.data(), static_cast<std::streamsize>(two.size()));
        std::rotate(two.begin(), two.begin() + hundred_bytes_on_disk, two.end());
        file.seekp(hundred_bytes_on_disk);
        file.write(two.data(), static_cast<std::streamsize>(two.size()));
    }
    test_store store{at.path()};
    std::uint64_t last = 0;
    for (const seen_message& message : store.read(read_start::first, 0, 10).value()) {
        CHECK(message.offset >= last);
        last = message.offset;
    }
}

TEST_CASE("recovery: stored offsets of another log mean nothing", "[storage][recovery]") {
    const auto disk = make_memory_disk();
    file_cache files{*disk, 4};
    stored_offsets first{files, "offsets"};
    REQUIRE(first.load({log_uid{1}, 0}, page_cache::proven));
    REQUIRE(first.store(offset_key{7}, message_offset{5}));
    stored_offsets same{files, "offsets"};
    REQUIRE(same.load({log_uid{1}, 0}, page_cache::proven));
    CHECK(same.find(offset_key{7}) == message_offset{5});
    stored_offsets other{files, "offsets"};
    REQUIRE(other.load({log_uid{2}, 0}, page_cache::proven));
    CHECK_FALSE(other.find(offset_key{7}));
}
