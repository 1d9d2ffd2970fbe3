// A full disk: what frees room works, what needs room is refused, and room that comes back is used.

#include <array>
#include <string>

#include "io_queues.hpp"
#include "storage/crash/crashing_disk.hpp"
#include "support/catch.hpp"
#include "test_store.hpp"

using namespace iggy;
using namespace iggy::storage;

namespace {

store_options with_reserve(std::uint64_t bytes) {
    store_options options;
    options.reserve_bytes = bytes;
    return options;
}

}  // namespace

TEST_CASE("full disk: a purge works, appends are refused and go on when there is room again",
          "[storage][full]") {
    crashing_disk disk{1};
    test_store store{disk.mount(), with_reserve(64 << 10), {}};
    REQUIRE(store.append({std::string(300'000, 'x')}));
    disk.limit_bytes(disk.used_bytes());
    CHECK(store.append({std::string(300'000, 'y')}).error().code == errc::no_space);
    CHECK(store.directory().has_room());  // of the reserve nothing was used for an append
    CHECK(store.read_all().size() == 1);

    REQUIRE(store.purge());
    CHECK(store.read_all().empty());
    store.settle();
    store.engine().tick();
    store.settle();
    CHECK(store.directory().has_room());
    CHECK(store.append({std::string(100'000, 'z')}));
}

TEST_CASE("full disk: while the reserve is not there nothing grows", "[storage][full]") {
    crashing_disk disk{1};
    {
        test_store store{disk.mount(), with_reserve(0), {}};
        REQUIRE(store.append({"first"}));
        REQUIRE(store.close());
    }
    disk.limit_bytes(disk.used_bytes() + (32 << 10));  // some room, but less than the reserve
    test_store store{disk.mount(), with_reserve(64 << 10), {}};
    CHECK_FALSE(store.directory().has_room());
    CHECK(store.append({"refused"}).error().code == errc::no_space);
    const std::array<std::string, 1> refused{"refused"};
    CHECK(store.directory().create_logs(refused).error().code == errc::no_space);
    CHECK(store.read_all().size() == 1);
    store.engine().tick();
    store.settle();
    CHECK_FALSE(store.directory().has_room());

    disk.limit_bytes(disk.used_bytes() + (1 << 20));
    store.engine().tick();
    store.settle();
    CHECK(store.append({"taken"}));
    CHECK(store.read_all().size() == 2);
}

TEST_CASE("full disk: a log that draws on the reserve appends when others cannot",
          "[storage][full]") {
    crashing_disk disk{1};
    test_store store{
        disk.mount(), with_reserve(64 << 10), {.segment_bytes = 1000, .draws_on_reserve = true}};
    REQUIRE(store.append({std::string(2000, 'x')}));
    disk.limit_bytes(disk.used_bytes());
    for (int records = 0; records < 20; ++records) {
        REQUIRE(store.append({std::string(1000, 'y')}));  // rolls each time
    }
    CHECK(store.read_all().size() == 21);
}

TEST_CASE("full disk: a start on a full disk finds all, removes, and then takes appends",
          "[storage][full]") {
    crashing_disk disk{1};
    {
        test_store store{disk.mount(), with_reserve(64 << 10), {}};
        REQUIRE(store.append({std::string(300'000, 'x')}));
        REQUIRE(store.close());
    }
    disk.limit_bytes(disk.used_bytes());
    test_store store{disk.mount(), with_reserve(64 << 10), {}};
    CHECK(store.read_all().size() == 1);
    REQUIRE(store.purge());
    store.settle();
    store.engine().tick();
    store.settle();
    CHECK(store.append({"on"}));
}

TEST_CASE("full disk: a start draws on the reserve for what only the journal holds",
          "[storage][full]") {
    const bool has_reserve = GENERATE(true, false);
    store_options options = with_reserve(has_reserve ? 64 << 10 : 0);
    options.durability = durability::synced;
    options.journal_file_bytes = 128 << 10;
    crashing_disk disk{1};
    {
        test_store store{disk.mount(), options, {}};
        REQUIRE(store.append({std::string(20'000, 'x')}));
        const std::string segment = store.log().path() + "/00000000000000000000.log";
        disk.stop(stop_kind::killed);
        REQUIRE(disk.mount()->open(segment, open_mode::read_write).value()->resize(0));
    }
    disk.limit_bytes(disk.used_bytes());
    auto opened = data_directory::open(disk.mount(), [] { return make_step_queue(0); }, options);
    REQUIRE(opened.has_value() == has_reserve);
    if (!has_reserve) {
        CHECK(opened.error().code == errc::no_space);
        return;
    }
    opened->reset();
    test_store store{disk.mount(), options, {}};
    CHECK(store.read_all().size() == 1);
}
