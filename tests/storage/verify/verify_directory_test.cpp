// What is wrong with a data directory as a whole, and what a check says of it.

#include <algorithm>
#include <fstream>

#include "checked_store.hpp"
#include "support/catch.hpp"

using namespace iggy;
using namespace iggy::storage;
namespace fs = std::filesystem;

namespace {

errc refusal(const fs::path& directory) {
    check_outcome outcome;
    const auto ended = verify(directory.string(), {}, outcome);
    CHECK(outcome.logs.empty());
    return ended ? errc::unknown : ended.error().code;
}

void write(const fs::path& file, std::string_view text) {
    fs::create_directories(file.parent_path());
    std::ofstream{file, std::ios::binary} << text;
}

}  // namespace

TEST_CASE("verify: a directory that is not there is not made", "[storage][verify]") {
    const temporary_directory directory;
    CHECK(refusal(directory / "absent") == errc::not_found);
    CHECK_FALSE(fs::exists(directory / "absent"));
}

TEST_CASE("verify: a file is no directory", "[storage][verify]") {
    const temporary_directory directory;
    write(directory / "file", "text");
    CHECK(refusal(directory / "file") == errc::not_found);
}

TEST_CASE("verify: a directory of something else is refused and left alone", "[storage][verify]") {
    const temporary_directory directory;
    CHECK(refusal(directory.path()) == errc::foreign_directory);
    CHECK(fs::is_empty(directory.path()));
    write(directory / "iggy.format", "something else");
    CHECK(refusal(directory.path()) == errc::foreign_directory);
    CHECK(picture_of(directory.path()).size() == 1);
}

TEST_CASE("verify: a directory of a newer version is refused", "[storage][verify]") {
    const checked_store store;
    write(store.path() / "iggy.format", "Iggy for C++ data directory, format 2\n");
    const auto before = picture_of(store.path());
    CHECK(refusal(store.path()) == errc::unsupported_version);
    CHECK(picture_of(store.path()) == before);
}

TEST_CASE("verify: a directory in use is refused", "[storage][verify]") {
    const checked_store store;
    {
        const auto running = store.open();
        CHECK(refusal(store.path()) == errc::locked);
    }
    CHECK(store.check().totals().intact());
}

TEST_CASE("verify: a directory without logs is intact", "[storage][verify]") {
    const temporary_directory directory;
    {
        auto store = store::open(directory.path(), {.io = io_engine::portable}).value();
        REQUIRE(store.close());
    }
    check_outcome outcome;
    outcome.ended = verify(directory.path(), {}, outcome);
    CHECK(outcome.totals().intact());
    CHECK(outcome.totals().logs == 0);
}

TEST_CASE("verify: without a manifest the logs are found by their directories",
          "[storage][verify]") {
    const checked_store store;
    const log_uid uid = store.check().log().uid;
    fs::remove(store.path() / "manifest");
    const check_outcome outcome = store.check();
    CHECK(outcome.of_kind(finding_kind::manifest_missing).weight == finding_weight::damage);
    CHECK((outcome.log().uid == uid));
    CHECK(outcome.log().messages == checked_store::messages);
}

TEST_CASE("verify: damage within the manifest is damage, at its end a note", "[storage][verify]") {
    const checked_store store;
    const fs::path manifest = store.path() / "manifest";
    SECTION("header") {
        store.flip(manifest, 3);
        const finding what = store.check().of_kind(finding_kind::manifest_damaged);
        CHECK(what.weight == finding_weight::damage);
        CHECK(what.to == 24);
    }
    SECTION("first group") {
        store.flip(manifest, 24 + 30);
        const finding what = store.check().of_kind(finding_kind::manifest_damaged);
        CHECK(what.weight == finding_weight::damage);
        CHECK(what.from == 24);
        CHECK(what.to < fs::file_size(manifest));
    }
    SECTION("behind the last group") {
        const std::uint64_t whole = fs::file_size(manifest);
        store.resize(manifest, whole + 8);
        const check_outcome outcome = store.check();
        CHECK(outcome.of_kind(finding_kind::manifest_torn_tail).weight == finding_weight::note);
        CHECK(outcome.of_kind(finding_kind::manifest_torn_tail).from == whole);
        CHECK(outcome.totals().intact());
        CHECK(outcome.totals().notes == 1);
    }
}

TEST_CASE("verify: what is not the store's is noted and left alone", "[storage][verify]") {
    const checked_store store;
    write(store.path() / "manifest.new", "half");
    write(store.path() / "notes.txt", "text");
    write(store.path() / "old" / "file", "text");
    write(store.path() / "logs" / "iggy-server.log", "text");
    write(store.path() / "trash" / "5-0-0" / "00000000000000000000.log", "text");
    fs::create_directories(store.path() / "streams" / "1" / "topics");
    write(store.file("extra"), "text");
    write(store.file("next.segment"), "text");  // the store's, and the next start removes it
    write(store.file("00000000000000000007.sparse"), "text");
    const check_outcome outcome = store.check();
    CHECK(outcome.totals().intact());
    std::vector<std::string> names;
    for (const finding& what : outcome.of_directory) {
        CHECK(what.weight == finding_weight::note);
        names.push_back(what.file);
    }
    for (const finding& what : outcome.log().findings) {
        CHECK(what.weight == finding_weight::note);
        CHECK(what.kind == finding_kind::unknown_name);
        names.push_back(what.file);
    }
    std::ranges::sort(names);
    CHECK(names == std::vector<std::string>{"manifest.new", "notes.txt", "old",
                                            "orders/00000000000000000007.sparse", "orders/extra",
                                            "trash"});
}

TEST_CASE("verify: a store that was killed is intact", "[storage][verify]") {
    const temporary_directory directory;
    const fs::path running = directory / "running";
    auto store = store::open(running.string(), {.io = io_engine::portable}).value();
    auto log = store.open_log("orders", {.segment_bytes = 64 << 10}).value();
    for (int copy = 0; copy < 8; ++copy) {
        CAPTURE(copy);
        for (int i = 0; i < 30; ++i) {
            REQUIRE(log.append({std::string(1000, 'x'), std::string(3000, 'y')}));
        }
        REQUIRE(log.store_offset(offset_key{1}, log.status().value().start));
        const fs::path killed = directory / ("killed" + std::to_string(copy));
        // As a kill leaves it: the manifest is never ahead of what it speaks of.
        fs::create_directory(killed);
        fs::copy(running / "manifest", killed);
        fs::copy(running, killed, fs::copy_options::recursive | fs::copy_options::skip_existing);
        check_outcome outcome;
        outcome.ended = verify(killed.string(), {}, outcome);
        CHECK(outcome.faults().empty());
        CHECK(outcome.log().messages == static_cast<std::uint64_t>(copy + 1) * 60);
        CHECK(outcome.of_kind(finding_kind::not_closed).weight == finding_weight::note);
    }
}

TEST_CASE("verify: a check keeps a bounded number of findings and counts all of them",
          "[storage][verify]") {
    const checked_store store;
    const fs::path segment = store.segments().front();
    for (std::uint64_t i = 0; i < 40; i += 2) {
        store.flip(segment, i * checked_store::message_bytes + 200);
    }
    check_outcome outcome;
    outcome.ended = verify(store.path().string(), {.findings_max = 5}, outcome);
    CHECK(outcome.log().findings.size() == 5);
    CHECK(outcome.log().findings_left_out == 15);
    CHECK(outcome.log().damages == 20);
    CHECK(outcome.log().messages == checked_store::messages - 20);
}
