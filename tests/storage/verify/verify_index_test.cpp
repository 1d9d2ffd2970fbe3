// Indexes are caches: a check tells which do not hold, and makes them anew when it is told to.

#include <algorithm>

#include "checked_store.hpp"
#include "sparse_index.hpp"
#include "support/catch.hpp"

using namespace iggy;
using namespace iggy::storage;
namespace fs = std::filesystem;
using kinds = std::vector<finding_kind>;

namespace {

/// Told by a check, healed by a repair that touches nothing but indexes.
void check_told_and_healed(const checked_store& store, finding_kind kind) {
    const check_outcome told = store.check();
    CHECK(told.finding().kind == kind);
    CHECK(told.finding().weight == finding_weight::cache);
    CHECK_FALSE(told.finding().repaired);
    CHECK(told.totals().caches == 1);
    CHECK(told.totals().damages == 0);
    CHECK_FALSE(told.totals().intact());
    CHECK(told.log().messages == checked_store::messages);

    auto before = picture_of(store.path());
    const check_outcome repaired = store.repair();
    CHECK(repaired.finding().repaired);
    CHECK(repaired.totals().intact());
    CHECK(repaired.totals().repaired == 1);
    auto after = picture_of(store.path());
    for (auto* picture : {&before, &after}) {
        std::erase_if(*picture, [](const auto& file) { return file.first.ends_with(".sparse"); });
    }
    CHECK(after == before);

    CHECK(store.check().log().findings.empty());
    CHECK(store.readable().size() == checked_store::messages);
}

}  // namespace

TEST_CASE("verify: an index of another segment is told and made anew", "[storage][verify]") {
    const checked_store store;
    fs::copy_file(store.indexes().at(2), store.indexes().at(1),
                  fs::copy_options::overwrite_existing);
    check_told_and_healed(store, finding_kind::index_foreign);
}

TEST_CASE("verify: a missing index is told and made anew", "[storage][verify]") {
    const checked_store store;
    const auto before = picture_of(store.path());
    fs::remove(store.indexes().front());
    check_told_and_healed(store, finding_kind::index_missing);
}

TEST_CASE("verify: a damaged entry of an index is told and made anew", "[storage][verify]") {
    const checked_store store;
    store.flip(store.indexes().front(), 64 + 32 * 3 + 5);
    check_told_and_healed(store, finding_kind::index_damaged);
}

TEST_CASE("verify: an index that was cut is told and made anew", "[storage][verify]") {
    const checked_store store;
    store.resize(store.indexes().front(), 64 + 32 * 3);
    check_told_and_healed(store, finding_kind::index_damaged);
}

TEST_CASE("verify: an index whose header does not hold is told and made anew",
          "[storage][verify]") {
    const checked_store store;
    store.flip(store.indexes().front(), 30);
    check_told_and_healed(store, finding_kind::index_damaged);
}

TEST_CASE("verify: a lost index of an open segment is made anew from its beginning",
          "[storage][verify]") {
    const checked_store store;
    fs::remove(store.indexes().back());
    {
        auto opened = store.open();
        auto orders = opened.open_log("orders", {.segment_bytes = 64 << 10}).value();
        for (int more = 0; more < 30; ++more) {  // until the segment is full
            REQUIRE(orders.append({std::string(1000, 'x')}));
        }
        REQUIRE(opened.close());
    }
    CHECK(store.check().faults().empty());
}

TEST_CASE("verify: an index that lies with sound checksums is told and made anew",
          "[storage][verify]") {
    const checked_store store;
    const auto disk = open_disk(store.path().string()).value();
    const index_owner owner{{store.check().log().uid, 0}, message_offset{0}};
    const std::string path = "orders/00000000000000000000.sparse";
    const std::uint64_t bytes = fs::file_size(store.segments().front());
    const sparse_index sound = read_index(*disk, path, owner, bytes).value();
    sparse_index lying;
    for (const index_entry& entry : sound.entries()) {
        lying.push(entry);
        if (lying.entries().size() == 3) {
            lying.push({message_offset{entry.offset.raw() + 1}, entry.position + 100,
                        entry.messages_before + 1, entry.newest_before});
        }
    }
    REQUIRE(write_index(*disk, path, owner, lying, 0));
    check_told_and_healed(store, finding_kind::index_disagrees);
}

TEST_CASE("verify: an index made anew leads behind damage", "[storage][verify]") {
    const checked_store store;
    const std::uint64_t at = 20 * checked_store::message_bytes;
    store.flip(store.segments().front(), at + message_layout::payload_length_at + 2, 0x7f);
    const std::uint64_t index_bytes = fs::file_size(store.indexes().front());
    store.resize(store.indexes().front(), index_bytes - 32);  // the closing entry
    const check_outcome outcome = store.repair();
    CHECK(outcome.of_kind(finding_kind::index_damaged).repaired);
    const finding& damage = outcome.of_kind(finding_kind::bad_length);
    CHECK(outcome.totals().caches == 0);
    CHECK(outcome.totals().damages == 1);
    REQUIRE(damage.end_offset);
    const auto readable = store.readable();
    CHECK(std::ranges::count(readable, damage.end_offset->raw()) == 1);
    CHECK(readable.size() == outcome.log().messages);
    const check_outcome again = store.check();
    CHECK(again.finding().to == damage.to);
    CHECK(again.log().messages == outcome.log().messages);
}

TEST_CASE("verify: an index that lies does not hide what lengths lead to", "[storage][verify]") {
    const checked_store store;
    const auto disk = open_disk(store.path().string()).value();
    const index_owner owner{{store.check().log().uid, 0}, message_offset{0}};
    sparse_index lying;
    lying.push({message_offset{0}, 0, 0, {}});
    lying.push({message_offset{1}, 20 * checked_store::message_bytes + 500, 1, {}});
    REQUIRE(write_index(*disk, "orders/00000000000000000000.sparse", owner, lying, 0));
    store.flip(store.segments().front(), 20 * checked_store::message_bytes + 200);
    const check_outcome outcome = store.check();
    CHECK(outcome.of_kind(finding_kind::bad_checksum).end_offset == message_offset{21});
    CHECK(outcome.log().messages == checked_store::messages - 1);
    CHECK(outcome.totals().caches == 1);
}

TEST_CASE("verify: an index from before a truncation leads behind damage", "[storage][verify]") {
    const checked_store store;
    {
        auto opened = store.open();
        REQUIRE(opened.open_log("orders").value().truncate_after(message_offset{150}));
        REQUIRE(opened.close());
    }
    const std::uint64_t at = 20 * checked_store::message_bytes;
    store.flip(store.segments().front(), at + message_layout::payload_length_at + 2, 0x7f);
    const check_outcome outcome = store.check();
    CHECK(outcome.of_kind(finding_kind::bad_length).end_offset);
    CHECK(outcome.log().messages > 130);
}

TEST_CASE("verify: without an index, flipped lengths hide the rest of their segment",
          "[storage][verify]") {
    const checked_store store;
    fs::remove(store.indexes().front());
    const std::uint64_t at = 20 * checked_store::message_bytes;
    store.flip(store.segments().front(), at + message_layout::payload_length_at + 2, 0x7f);
    const check_outcome outcome = store.check();
    CHECK(outcome.of_kind(finding_kind::bad_length).from == at);
    CHECK(outcome.of_kind(finding_kind::bad_length).to == fs::file_size(store.segments().front()));
    CHECK(outcome.of_kind(finding_kind::index_missing).weight == finding_weight::cache);
}

TEST_CASE("verify: an index that cannot be written is told", "[storage][verify]") {
    const checked_store store;
    const fs::path index = store.indexes().front();
    fs::remove(index);
    fs::create_directory(index);
    const check_outcome outcome = store.repair();
    CHECK_FALSE(outcome.totals().intact());
    CHECK(outcome.totals().repaired == 0);
}

TEST_CASE("verify: indexes from before a truncation are a note", "[storage][verify]") {
    const checked_store store;
    {
        auto opened = store.open();
        auto log = opened.open_log("orders").value();
        REQUIRE(log.truncate_after(message_offset{150}));
        REQUIRE(opened.close());
    }
    const check_outcome outcome = store.check();
    CHECK(outcome.totals().intact());
    CHECK(outcome.log().messages == 150);
    CHECK(std::ranges::all_of(outcome.log().findings, [](const finding& what) {
        return what.kind == finding_kind::index_outdated && what.weight == finding_weight::note;
    }));
    CHECK_FALSE(outcome.log().findings.empty());
    CHECK(store.repair().totals().repaired == outcome.log().findings.size());
    CHECK(store.check().log().findings.empty());
}
