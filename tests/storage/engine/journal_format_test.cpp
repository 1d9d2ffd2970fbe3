// The bytes of the journal, version 1: docs/formats/journal.md. The golden file was written by
// tests/golden/storage/make_journal.py, which knows that page and nothing of the library.

#include <array>
#include <vector>

#include "found_journal.hpp"
#include "journal.hpp"
#include "support/catch.hpp"
#include "support/golden_bytes.hpp"

using namespace iggy;
using namespace iggy::storage;

namespace {

constexpr const char* journal_path = "iggy.journal/1.journal";
constexpr std::uint64_t golden_session = 0x1122'3344'5566'7788;
constexpr std::array<std::size_t, 3> golden_groups{0, 4096, 8192};
constexpr log_identity orders{log_uid{0x1'0000'0001}, 0};

directory_id golden_directory() {
    directory_id id{};
    for (std::size_t i = 0; i < id.size(); ++i) {
        id[i] = static_cast<std::byte>(16 + i);
    }
    return id;
}

/// What the golden file says, group by group.
struct golden_journal {
    std::string bytes = golden_bytes("journal-1.hex");
    std::string segment = golden_bytes("segment-1.hex");
    std::string large = bytes.substr(8192 + 64 + 40, 64 + 3983);
    std::vector<std::vector<journal_entry>> groups{
        {messages(0, byte_view{as_bytes(segment)}.first(136)), store_offset(5, 1)},
        {messages(136, byte_view{as_bytes(segment)}.subspan(136)), store_offset(6, 0),
         delete_offset(6), of_another_log()},
        {messages(200, as_bytes(large))}};

    static journal_entry messages(std::uint32_t position, byte_view content) {
        journal_entry entry;
        entry.log = orders;
        entry.position = position;
        entry.content = content;
        return entry;
    }
    static journal_entry of_another_log() {
        journal_entry entry = messages(9, as_bytes("gone"));
        entry.log = {log_uid{2}, 3};
        entry.segment = message_offset{77};
        return entry;
    }
    static journal_entry store_offset(std::uint64_t key, std::uint64_t at) {
        journal_entry entry;
        entry.what = journal_entry::kind::store_offset;
        entry.log = orders;
        entry.key = key;
        entry.at = message_offset{at};
        return entry;
    }
    static journal_entry delete_offset(std::uint64_t key) {
        journal_entry entry = store_offset(key, 0);
        entry.what = journal_entry::kind::delete_offset;
        return entry;
    }
};

class counting_client : public journal_client {
public:
    void deliver(std::size_t count, const result<done_t>& outcome) override {
        REQUIRE(outcome);
        kept += count;
    }
    std::size_t kept = 0;
};

std::vector<std::byte> content_of(disk& files) {
    const auto file = files.open(journal_path, open_mode::read).value();
    std::vector<std::byte> bytes(file->size().value());
    REQUIRE(file->read_at(0, bytes).value() == bytes.size());
    return bytes;
}

void check_equal(const journal_entry& found, const journal_entry& expected) {
    CHECK(found.what == expected.what);
    CHECK((found.log == expected.log));
    CHECK((found.segment == expected.segment));
    CHECK(found.position == expected.position);
    CHECK((as_text(found.content) == as_text(expected.content)));
    CHECK(found.key == expected.key);
    CHECK((found.at == expected.at));
}

}  // namespace

TEST_CASE("journal: it writes the bytes of version 1", "[storage][journal][golden]") {
    const golden_journal golden;
    const auto files = make_memory_disk();
    const store_options options{.journal_file_bytes = golden.bytes.size()};
    const std::string segment = "orders/00000000000000000000.log";
    const std::string directory = "orders";
    counting_client client;
    {
        journal written{*files, golden_directory(), options, {}};
        for (const auto& group : golden.groups) {
            std::vector<journal_request> requests;
            for (const journal_entry& entry : group) {
                requests.push_back({&client, entry, &segment, &directory, true});
            }
            written.add(requests);
            REQUIRE(written.take_duty());
            written.commit_waiting();
        }
    }
    CHECK(client.kept == 7);

    std::vector<std::byte> bytes = content_of(*files);
    for (const std::size_t at : golden_groups) {  // the session is random
        const byte_span group = byte_span{bytes}.subspan(at);
        auto header = journal_format::decode_header(group);
        REQUIRE(header);
        CHECK(journal_format::checksum_matches(group.first(header->bytes)));
        header->session = golden_session;
        journal_format::encode_header(*header, group.first(header->bytes));
    }
    CHECK((as_text(bytes) == golden.bytes));
}

TEST_CASE("journal: it reads the bytes of version 1", "[storage][journal][golden]") {
    const golden_journal golden;
    const byte_view bytes = as_bytes(golden.bytes);
    for (std::size_t i = 0; i < golden_groups.size(); ++i) {
        const auto header = journal_format::decode_header(bytes.subspan(golden_groups[i]));
        REQUIRE(header);
        CHECK((header->directory == golden_directory()));
        CHECK(header->session == golden_session);
        CHECK(header->sequence == i);
        CHECK(header->entries == golden.groups[i].size());
    }

    const auto files = make_memory_disk();
    files->create_directories(journal_directory).value();
    files->open(journal_path, open_mode::create).value()->write_at(0, {&bytes, 1}).value();
    std::vector<journal_entry> expected;
    for (const auto& group : golden.groups) {
        expected.insert(expected.end(), group.begin(), group.end());
    }
    std::size_t count = 0;
    auto found = found_journal::read(*files, golden_directory()).value();
    const auto compare = [&](const journal_entry& entry) -> result<done_t> {
        CAPTURE(count);
        REQUIRE(count < expected.size());
        check_equal(entry, expected[count]);
        ++count;
        return done;
    };
    REQUIRE(found.replay(compare));
    CHECK(count == expected.size());
}
