// An offset that was given once is never given again.

#include "io_queues.hpp"
#include "log_state.hpp"
#include "storage/crash/crashing_disk.hpp"
#include "support/borrowed_disk.hpp"
#include "support/catch.hpp"
#include "support/failing_disk.hpp"
#include "test_store.hpp"

using namespace iggy;
using namespace iggy::storage;

namespace {

/// A store that ends without goodbye unless it is closed.
std::unique_ptr<test_store> open_in(disk& below, durability level, const std::string& boot) {
    return std::make_unique<test_store>(std::make_unique<borrowed_disk>(below, boot),
                                        store_options{.durability = level}, log_options{});
}

/// Appends one message, in a use that ends without goodbye.
std::uint64_t append_and_die(disk& below, durability level, const std::string& boot) {
    return open_in(below, level, boot)->append({"message"}).value().raw();
}

}  // namespace

TEST_CASE("offsets: a kill costs a memory log messages and gives none of their offsets again",
          "[storage][offsets]") {
    const auto disk = make_memory_disk();
    std::uint64_t last = append_and_die(*disk, durability::memory, "boot");
    CHECK(last == 0);
    for (int round = 0; round < 3; ++round) {
        const std::uint64_t next = append_and_die(*disk, durability::memory, "boot");
        CHECK(next > last);
        last = next;
    }
}

TEST_CASE("offsets: a kill leaves no gap in a written log", "[storage][offsets]") {
    const auto disk = make_memory_disk();
    CHECK(append_and_die(*disk, durability::written, "boot") == 0);
    CHECK(append_and_die(*disk, durability::written, "boot") == 1);
}

TEST_CASE("offsets: a written log goes on past its bound when the power may have failed",
          "[storage][offsets]") {
    const auto disk = make_memory_disk();
    CHECK(append_and_die(*disk, durability::written, "boot") == 0);
    CHECK(append_and_die(*disk, durability::written, "") == reserved_offsets);
    CHECK(append_and_die(*disk, durability::written, "other boot") >= 2 * reserved_offsets);
}

TEST_CASE("offsets: a synced log leaves no gap, whatever happened", "[storage][offsets]") {
    const auto disk = make_memory_disk();
    CHECK(append_and_die(*disk, durability::synced, "boot") == 0);
    CHECK(append_and_die(*disk, durability::synced, "other boot") == 1);
}

TEST_CASE("offsets: an orderly end leaves no gap", "[storage][offsets]") {
    const auto level = GENERATE(durability::memory, durability::written);
    const auto disk = make_memory_disk();
    for (std::uint64_t expected = 0; expected < 3; ++expected) {
        const auto store = open_in(*disk, level, "boot");
        CHECK(store->append({"message"}).value().raw() == expected);
        REQUIRE(store->close());
    }
    const auto store = open_in(*disk, level, "other boot");
    CHECK(store->append({"message"}).value().raw() == 3);
}

TEST_CASE("offsets: an orderly end leaves no gap when the power fails right behind it",
          "[storage][offsets]") {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        CAPTURE(seed);
        crashing_disk machine{seed};
        const auto level = durability::written;
        {
            const auto on = machine.mount();
            const auto store = open_in(*on, level, "boot");
            CHECK(store->append({"message"}).value().raw() == 0);
            REQUIRE(store->close());
        }
        machine.stop(stop_kind::power_cut);
        const auto on = machine.mount();
        CHECK(open_in(*on, level, "other boot")->append({"message"}).value().raw() == 1);
    }
}

TEST_CASE("offsets: a gap that nothing was appended behind outlives an orderly end",
          "[storage][offsets]") {
    const auto disk = make_memory_disk();
    append_and_die(*disk, durability::memory, "boot");
    REQUIRE(open_in(*disk, durability::memory, "boot")->close());
    CHECK(append_and_die(*disk, durability::memory, "boot") >= reserved_offsets);
}

TEST_CASE("offsets: a log that was not opened since a kill is not taken for settled",
          "[storage][offsets]") {
    const auto disk = make_memory_disk();
    append_and_die(*disk, durability::memory, "boot");
    {
        const auto directory = data_directory::open(std::make_unique<borrowed_disk>(*disk, "boot"),
                                                    [] { return make_step_queue(0); }, {});
        REQUIRE(directory);
    }
    CHECK(append_and_die(*disk, durability::memory, "boot") >= reserved_offsets);
}

TEST_CASE("offsets: the gap is no message, and reads and waits go over it", "[storage][offsets]") {
    const auto disk = make_memory_disk();
    append_and_die(*disk, durability::written, "boot");
    const auto store = open_in(*disk, durability::written, "other boot");
    CHECK(store->log().committed_next() == message_offset{1});
    const std::uint64_t second = store->append({"second"}).value().raw();
    const auto rest = store->read(read_start::offset, 1, 10).value();
    REQUIRE(rest.size() == 1);
    CHECK(rest.front() == seen_message{second, "second"});
    CHECK(store->read_all().size() == 2);
}

TEST_CASE("offsets: a batch that spans more than are reserved ahead is refused",
          "[storage][offsets]") {
    const auto disk = make_memory_disk();
    const auto store = open_in(*disk, durability::written, "boot");
    CHECK(store->append_at({0, reserved_offsets}, "message").error().code == errc::too_large);
    CHECK(store->append_at({0, reserved_offsets - 1}, "message").value().raw() == 0);
    // The bound moves on with a recovery point, for which the append waits.
    CHECK(store->append_at({reserved_offsets, 2 * reserved_offsets - 1}, "message").value().raw() ==
          reserved_offsets);
}

TEST_CASE("offsets: an append that waits for its bound fails when the disk is full",
          "[storage][offsets]") {
    crashing_disk disk{1};
    test_store store{disk.mount(),
                     {.durability = durability::memory, .flush_bytes = std::uint64_t{1} << 30},
                     {}};
    const std::string megabyte(1 << 20, 'x');
    REQUIRE(store.append_at({0, reserved_offsets - 1}, megabyte).value().raw() == 0);
    disk.limit_bytes(disk.used_bytes() + (1 << 20));  // not for both
    CHECK(store.append({"past the bound"}).error().code == errc::no_space);
    disk.limit_bytes(std::nullopt);
    CHECK(store.append({"there is room again"}).value().raw() == reserved_offsets);
}

TEST_CASE("offsets: without a recovery point no offset past the bound is given",
          "[storage][offsets]") {
    const auto disk = make_memory_disk();
    append_and_die(*disk, durability::memory, "boot");
    failing_disk faulty{*disk};
    const auto store = open_in(faulty, durability::memory, "boot");
    faulty.fail_at(0, errc::no_space, true);
    CHECK(store->append({"past the bound"}).error().code == errc::no_space);
}
