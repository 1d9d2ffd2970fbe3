// A full disk: what frees room works, what needs room is refused, and room that comes back is used.

#include <array>
#include <string>

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
