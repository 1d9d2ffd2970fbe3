// The bytes of a log's files, version 1. Formats: docs/formats/segment.md, index.md,
// stored-offsets.md, journal.md.

#include <iggy/storage.hpp>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "support/catch.hpp"
#include "support/golden_bytes.hpp"
#include "support/temporary_directory.hpp"

using namespace iggy;
using namespace iggy::storage;
namespace fs = std::filesystem;

namespace {

struct golden_file {
    std::string_view name;    // in tests/golden/storage
    std::string_view inside;  // the data directory
};

constexpr std::array golden_files{
    golden_file{"format-stamp-1.hex", "iggy.format"},
    golden_file{"log-identity-1.hex", "orders/log.identity"},
    golden_file{"segment-1.hex", "orders/00000000000000000000.log"},
    golden_file{"sparse-index-1.hex", "orders/00000000000000000000.sparse"},
    golden_file{"stored-offsets-1.hex", "orders/stored.offsets"},
};

/// 16 bytes a line.
std::string hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto byte = static_cast<unsigned char>(bytes[i]);
        text += digits[byte >> 4U];
        text += digits[byte & 15U];
        text += i % 16 == 15 || i + 1 == bytes.size() ? '\n' : ' ';
    }
    return text;
}

/// One full segment of three messages, and two stored offsets of which one was deleted again.
void write_known_store(const std::string& path) {
    store_options options;
    options.clock = [] { return timestamp_from_raw(1'700'000'000'000'000); };
    auto store = store::open(path, options).value();
    auto log = store.open_log("orders", {.segment_bytes = 100}).value();
    const auto id = [](int first) {
        message_id made{};
        made[0] = static_cast<std::byte>(first);
        made[15] = std::byte{0xff};
        return made;
    };
    message_batch_builder batch;
    batch.add("one", {.id = id(1), .user_headers = as_bytes("uh"), .origin_timestamp = 42});
    batch.add("two", {.id = id(2)});
    log.append(batch).value();
    batch.clear();
    log.append(batch.add("", {.id = id(3)})).value();
    log.store_offset(offset_key{5}, message_offset{1}).value();
    log.store_offset(offset_key{6}, message_offset{0}).value();
    log.delete_offset(offset_key{6}).value();
    store.close().value();
}

}  // namespace

TEST_CASE("store: the bytes of version 1", "[storage][store][golden]") {
    const temporary_directory directory;
    write_known_store(directory.path());
    for (const golden_file& file : golden_files) {
        CAPTURE(file.name);
        std::string bytes = read_text(fs::path{directory.path()} / file.inside);
        if (file.inside == "iggy.format") {
            REQUIRE(bytes.size() == 74);
            bytes.replace(41, 32, 32, '0');  // the id, which is random
        }
        CHECK(hex(bytes) == hex(golden_bytes(file.name)));
    }
}

TEST_CASE("store: files of version 1 open, also where the manifest was lost",
          "[storage][store][golden]") {
    const temporary_directory directory;
    for (const golden_file& file : golden_files) {
        const fs::path path = fs::path{directory.path()} / file.inside;
        fs::create_directories(path.parent_path());
        std::ofstream{path, std::ios::binary} << golden_bytes(file.name);
    }
    auto store = store::open(directory.path()).value();
    auto log = store.open_log("orders").value();
    const auto batch = log.read().value();
    REQUIRE(batch.size() == 3);
    CHECK((*batch.begin()).text() == "one");
    CHECK(as_text((*batch.begin()).user_headers()) == "uh");
    CHECK(batch.next() == message_offset{3});
    CHECK(log.stored_offset(offset_key{5}).value() == message_offset{1});
    CHECK_FALSE(log.stored_offset(offset_key{6}).value());
    CHECK(hex(as_text(batch.bytes())) == hex(golden_bytes("segment-1.hex")));
}

TEST_CASE("store: a journal of version 1 brings back what the files of its log lost",
          "[storage][store][golden]") {
    const temporary_directory directory;
    std::string stamp = golden_bytes("format-stamp-1.hex");
    stamp.replace(41, 32, "101112131415161718191a1b1c1d1e1f");  // whose journal it is
    const auto write = [&directory](std::string_view inside, std::string_view bytes) {
        const fs::path path = fs::path{directory.path()} / inside;
        fs::create_directories(path.parent_path());
        std::ofstream{path, std::ios::binary} << bytes;
    };
    write("iggy.format", stamp);
    write("orders/log.identity", golden_bytes("log-identity-1.hex"));
    write("iggy.journal/1.journal", golden_bytes("journal-1.hex"));
    auto store = store::open(directory.path()).value();
    auto log = store.open_log("orders").value();
    const auto batch = log.read().value();
    REQUIRE(batch.size() == 4);
    CHECK(as_text(batch.bytes()).starts_with(golden_bytes("segment-1.hex")));
    CHECK(as_text(batch.bytes()).ends_with("end"));
    CHECK(log.stored_offset(offset_key{5}).value() == message_offset{1});
    CHECK_FALSE(log.stored_offset(offset_key{6}).value());
}
