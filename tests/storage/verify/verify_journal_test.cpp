// What a check says of the journal: which files and groups it has, and what is wrong with them.

#include <algorithm>
#include <fstream>

#include "bad_sector_disk.hpp"
#include "checked_store.hpp"
#include "format_stamp.hpp"
#include "io_queues.hpp"
#include "journal.hpp"
#include "storage/crash/crashing_disk.hpp"
#include "support/catch.hpp"
#include "support/text_file.hpp"

using namespace iggy;
using namespace iggy::storage;
namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t block = 4096;
constexpr std::uint64_t file_bytes = 4 * block;

/// Writes a journal by itself into a data directory that nobody uses.
class written_journal : journal_client {
public:
    written_journal(disk& files, std::uint64_t bytes_of_a_file)
        : written_{files,
                   read_stamp(*files.open(stamp_name, open_mode::read).value())->id,
                   store_options{.journal_file_bytes = bytes_of_a_file},
                   {}} {}

    /// One sync of that many entries with `bytes` each.
    void commit(std::size_t entries, std::size_t bytes) {
        const std::vector<std::byte> content(bytes, std::byte{'x'});
        std::vector<journal_request> requests(entries);
        for (journal_request& request : requests) {
            request.client = this;
            request.entry.content = content;
            request.file = &path_;
            request.directory = &path_;
            request.named = true;
        }
        written_.add(requests);
        REQUIRE(written_.take_duty());
        written_.commit_waiting();
    }

private:
    void deliver(std::size_t, const result<done_t>&) override {}

    journal written_;
    std::string path_ = "nothing";
};

/// A data directory without logs, whose journal has files of four blocks.
class journaled_directory {
public:
    /// Each group fills a block.
    explicit journaled_directory(int groups) {
        REQUIRE(store::open(path().string(), {.io = io_engine::portable}).value().close());
        const auto files = open_disk(path().string()).value();
        written_journal written{*files, file_bytes};
        for (int i = 0; i < groups; ++i) {
            written.commit(2, 1500);
        }
    }

    fs::path path() const { return directory_ / "data"; }
    fs::path file(int number) const {
        return path() / "iggy.journal" / (std::to_string(number) + ".journal");
    }
    /// Fails the test when it changes anything.
    check_outcome check() const {
        check_outcome outcome;
        const auto before = picture_of(path());
        outcome.ended = verify(path().string(), {}, outcome);
        CHECK(picture_of(path()) == before);
        return outcome;
    }
    void flip(int number, std::uint64_t position) const {
        std::string content = read_text(file(number));
        content.at(position) = static_cast<char>(content.at(position) ^ 0x10);
        write(number, content);
    }
    void write(int number, std::string_view content) const {
        std::ofstream{file(number), std::ios::binary} << content;
    }
    void put_zeros(int number, std::uint64_t from, std::uint64_t to) const {
        std::string content = read_text(file(number));
        content.replace(from, to - from, to - from, '\0');
        write(number, content);
    }

private:
    temporary_directory directory_;
};

/// A log at level `synced`, whose store was closed in order.
struct journaled_store {
    temporary_directory directory;

    journaled_store(int messages, std::uint64_t bytes_of_a_file, bool removes_the_log = false) {
        auto store = store::open(directory.path(), {.durability = durability::synced,
                                                    .io = io_engine::portable,
                                                    .journal_batch_bytes_max = 1000,
                                                    .journal_file_bytes = bytes_of_a_file})
                         .value();
        auto log = store.open_log("orders").value();
        for (int i = 0; i < messages; ++i) {
            REQUIRE(log.append({"message " + std::to_string(i)}));
        }
        if (removes_the_log) {
            REQUIRE(store.remove_log("orders"));
        }
        REQUIRE(store.close());
    }
    check_outcome check() const {
        check_outcome outcome;
        outcome.ended = verify(directory.path(), {}, outcome);
        return outcome;
    }
};

void check_intact(const check_outcome& outcome) {
    CHECK(outcome.faults().empty());
    CHECK(outcome.totals().notes == 0);
}

}  // namespace

TEST_CASE("verify: the journal is counted file by file", "[storage][verify][journal]") {
    const check_outcome outcome = journaled_directory{6}.check();
    check_intact(outcome);
    REQUIRE(outcome.journal.size() == 2);
    const journal_report& first = outcome.journal[0];
    const journal_report& second = outcome.journal[1];
    CHECK(first.path == "iggy.journal/1.journal");
    CHECK(first.bytes == file_bytes);
    CHECK(first.groups == 4);
    CHECK(first.first_group == 0);
    CHECK(first.last_group == 3);
    CHECK(first.entries == 8);
    CHECK(second.groups == 2);
    CHECK(second.first_group == 4);
    CHECK(second.last_group == 5);
    CHECK(second.session == first.session);
}

TEST_CASE("verify: entries of the journal are told apart by whether their log is there",
          "[storage][verify][journal]") {
    const check_outcome there = journaled_store{3, 1 << 20}.check();
    check_intact(there);
    CHECK(there.journal.at(0).entries == 3);
    CHECK(there.journal.at(0).entries_without_log == 0);
    const check_outcome removed = journaled_store{3, 1 << 20, true}.check();
    check_intact(removed);
    CHECK(removed.journal.at(0).entries == 3);
    CHECK(removed.journal.at(0).entries_without_log == 3);
}

TEST_CASE("verify: a journal whose files were used again and again is intact",
          "[storage][verify][journal]") {
    for (int messages = 15; messages < 45; messages += 3) {
        CAPTURE(messages);
        check_intact(journaled_store{messages, file_bytes}.check());
        check_intact(journaled_directory{messages}.check());
    }
}

TEST_CASE("verify: a group of the journal that does not hold is damage when a later one does",
          "[storage][verify][journal]") {
    const journaled_directory journaled{9};
    SECTION("in the same file") {
        journaled.flip(1, block + 70);
        const finding what = journaled.check().of_kind(finding_kind::journal_damaged);
        CHECK(what.weight == finding_weight::damage);
        CHECK(what.file == "iggy.journal/1.journal");
        CHECK(what.from == block);
        CHECK(what.to == 2 * block);
    }
    SECTION("in the next file") {
        journaled.flip(1, 3 * block + 12);
        const finding what = journaled.check().of_kind(finding_kind::journal_damaged);
        CHECK(what.from == 3 * block);
        CHECK(what.to == 4 * block);
    }
    SECTION("twice, each told") {
        journaled.flip(1, 2 * block);
        journaled.flip(2, 2 * block);
        CHECK(journaled.check().faults() ==
              std::vector{finding_kind::journal_damaged, finding_kind::journal_damaged});
    }
}

TEST_CASE("verify: a last group of the journal that does not hold is a note",
          "[storage][verify][journal]") {
    const journaled_directory journaled{6};
    journaled.flip(2, block + 70);
    const check_outcome outcome = journaled.check();
    CHECK(outcome.faults().empty());
    const finding what = outcome.of_kind(finding_kind::journal_torn_tail);
    CHECK(what.weight == finding_weight::note);
    CHECK(what.file == "iggy.journal/2.journal");
    CHECK(what.from == block);
    CHECK(what.to == 2 * block);
    CHECK(outcome.journal.at(1).groups == 1);
}

TEST_CASE("verify: a journal file whose first group does not hold counts as empty",
          "[storage][verify][journal]") {
    const journaled_directory journaled{6};
    SECTION("with later groups of its use it is damage") {
        journaled.flip(1, 70);
        const finding what = journaled.check().of_kind(finding_kind::journal_damaged);
        CHECK(what.file == "iggy.journal/1.journal");
        CHECK(what.to == block);
    }
    SECTION("without a header too") {
        journaled.flip(1, 8);
        CHECK(journaled.check().of_kind(finding_kind::journal_damaged).to == block);
    }
    SECTION("alone it was never finished") {
        const journaled_directory one{5};
        one.flip(2, 70);
        const check_outcome outcome = one.check();
        CHECK(outcome.faults().empty());
        CHECK(outcome.of_kind(finding_kind::journal_torn_tail).file == "iggy.journal/2.journal");
    }
    SECTION("with some sectors of zeros it was half emptied") {
        journaled.put_zeros(1, 512, 1024);
        const check_outcome outcome = journaled.check();
        CHECK(outcome.faults().empty());
        CHECK(outcome.of_kind(finding_kind::journal_torn_tail).file == "iggy.journal/1.journal");
    }
    SECTION("with zeros it was emptied") {
        journaled.put_zeros(1, 0, block);
        const check_outcome outcome = journaled.check();
        check_intact(outcome);
        CHECK(outcome.journal.at(0).groups == 0);
    }
}

TEST_CASE("verify: a missing file of the journal is damage when older ones are there",
          "[storage][verify][journal]") {
    const journaled_directory journaled{9};  // three files
    SECTION("between others") {
        fs::remove(journaled.file(2));
        const finding what = journaled.check().of_kind(finding_kind::journal_damaged);
        CHECK(what.weight == finding_weight::damage);
        CHECK_THAT(what.text, Catch::Matchers::Contains("4 group(s) from number 4 on"));
    }
    SECTION("the oldest may have been forgotten in order") {
        fs::remove(journaled.file(1));
        check_intact(journaled.check());
    }
}

TEST_CASE("verify: of a sync that did not end any group of the journal may be missing",
          "[storage][verify][journal]") {
    const journaled_directory journaled{0};
    const auto files = open_disk(journaled.path().string()).value();
    written_journal groups{*files, 8 << 20};
    constexpr std::size_t half = 512 << 10;
    groups.commit(1, half);
    groups.commit(2, half);  // two groups: two entries do not fit into one
    const auto second_group = 129 * block;
    journaled.flip(1, second_group);
    const check_outcome outcome = journaled.check();
    CHECK(outcome.faults().empty());
    const finding what = outcome.of_kind(finding_kind::journal_torn_tail);
    CHECK(what.from == second_group);
    CHECK(what.to == 2 * second_group);
    CHECK(outcome.journal.at(0).groups == 2);

    // That it ended is known once something was written after it.
    groups.commit(1, 100);
    CHECK(journaled.check().of_kind(finding_kind::journal_damaged).from == second_group);
}

TEST_CASE("verify: what a power cut leaves of the journal is no damage",
          "[storage][verify][journal]") {
    int torn = 0;
    for (std::uint64_t run = 0; run < 1000; ++run) {
        CAPTURE(run);
        crashing_disk below{run};
        {
            const auto directory =
                data_directory::open(below.mount(), [] { return make_step_queue(0); });
            REQUIRE(directory);
        }
        {
            const auto files = below.mount();
            written_journal groups{*files, 32 << 10};
            below.stop_at(below.steps() + run % 100, stop_kind::power_cut);
            for (std::uint64_t i = 0; i < 20; ++i) {
                groups.commit(1 + (run + i * 7) % 12, 100 + (run * 37 + i * 911) % 6000);
            }
            below.stop(stop_kind::power_cut);
        }
        check_outcome outcome;
        outcome.ended = verify(*below.mount(), {}, outcome);
        for (const finding& what : outcome.of_directory) {
            UNSCOPED_INFO(name(what.kind) << ' ' << what.file << ' ' << what.from << ' ' << what.to
                                          << ' ' << what.text);
        }
        CHECK(outcome.faults().empty());
        torn += static_cast<int>(std::ranges::count(
            outcome.of_directory, finding_kind::journal_torn_tail, &finding::kind));
    }
    CHECK(torn > 0);
}

TEST_CASE("verify: a journal of another directory is a note and stays where it is",
          "[storage][verify][journal]") {
    const journaled_directory journaled{3};
    const journaled_directory other{3};
    journaled.write(1, read_text(other.file(1)));
    std::ofstream{journaled.path() / "iggy.journal" / "notes.txt"} << "text";
    const check_outcome outcome = journaled.check();
    CHECK(outcome.faults().empty());
    CHECK(outcome.of_kind(finding_kind::journal_foreign).file == "iggy.journal/1.journal");
    CHECK(outcome.of_kind(finding_kind::unknown_name).file == "iggy.journal/notes.txt");
    CHECK(outcome.journal.empty());
}

TEST_CASE("verify: a journal that the disk refuses to read is told, and the check goes on",
          "[storage][verify][journal]") {
    const journaled_store store{6, 1 << 20};
    const auto files = open_disk(store.directory.path()).value();
    bad_sector_disk bad{*files, "iggy.journal/1.journal", block};
    check_outcome outcome;
    outcome.ended = verify(bad, {}, outcome);
    CHECK(outcome.of_kind(finding_kind::unreadable).sys_errno == EIO);
    CHECK(outcome.journal.empty());
    CHECK(outcome.log().messages == 6);
}
