#include <cerrno>
#include <cstdlib>
#include <iostream>
#include <string>

#include <iggy/storage/data_directory.hpp>
#include "io_queues.hpp"
#include "probe.hpp"
#include "storage/lower/test_disks.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace iggy::storage;

TEST_CASE("probe: agrees with whether a ring can be had, says why not, and leaves nothing behind",
          "[storage][probe]") {
    const test_disk disk{"posix"};
    const io_probe probe = probe_io(*disk).value();
    worker_pool pool{1};
    const auto ring = make_uring_queue(pool);
    CHECK(probe.has_io_uring == ring.has_value());
    CHECK(probe.reason.empty() == probe.has_io_uring);
    CHECK(disk->list("").value().empty());
    std::cout << "probe: " << (probe.has_io_uring ? "io_uring works" : probe.reason) << '\n';
}

TEST_CASE("probe: a disk that is not the kernel's has no use for io_uring", "[storage][probe]") {
    const test_disk disk{"memory"};
    CHECK_FALSE(probe_io(*disk).value().has_io_uring);
    CHECK(disk->list("").value().empty());
}

// Run by CTest under the seccomp launcher; hidden otherwise.
TEST_CASE("probe: where seccomp denies io_uring the answer is portable, and why",
          "[.no_io_uring]") {
    const test_disk disk{"posix"};
    const io_probe probe = probe_io(*disk).value();
    CHECK_FALSE(probe.has_io_uring);
    CHECK_THAT(probe.reason, Catch::Contains("seccomp"));
    CHECK(probe.sys_errno == EPERM);
    CHECK(disk->list("").value().empty());
    worker_pool pool{1};
    CHECK(make_uring_queue(pool).error().sys_errno == EPERM);
    CHECK(make_thread_queue(pool).value()->engine_name() == std::string{"portable"});
}

TEST_CASE("data directory: io_uring on demand fails where seccomp denies it, and says what to do",
          "[.no_io_uring]") {
    const temporary_directory dir;
    store_options options;
    options.io = io_engine::io_uring;
    const auto opened = data_directory::open(dir.path(), options);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == errc::no_io_uring);
    CHECK(opened.error().sys_errno == EPERM);
    CHECK_THAT(describe(opened.error()), Catch::Contains("seccomp") && Catch::Contains("portable"));
    options.io = io_engine::automatic;
    CHECK(data_directory::open(dir.path(), options));
}
