#include <iggy/storage.hpp>

#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace iggy;
using namespace iggy::storage;
using namespace std::chrono_literals;

TEST_CASE("store: after closing every call answers closed, and closing again changes nothing",
          "[storage][store]") {
    const temporary_directory directory;
    auto store = store::open(directory.path()).value();
    auto log = store.open_log("a").value();
    REQUIRE(log.append({"one"}));
    const auto batch = log.read().value();
    REQUIRE(store.close());
    REQUIRE(store.close());

    CHECK(log.append({"two"}).error().code == errc::closed);
    CHECK(log.append_async(message_batch_builder{}.add("x"), {}).error().code == errc::closed);
    CHECK(log.read().error().code == errc::closed);
    CHECK(log.wait(message_offset{5}, 1s).error().code == errc::closed);
    CHECK(log.status().error().code == errc::closed);
    CHECK(log.stored_offset(offset_key{1}).error().code == errc::closed);
    CHECK(log.purge().error().code == errc::closed);
    CHECK(store.open_log("b").error().code == errc::closed);
    CHECK(store.remove_log("a").error().code == errc::closed);
    CHECK(store.logs().error().code == errc::closed);
    CHECK(describe(log.read().error()).find(directory.path() + "/a: closed") == 0);
    CHECK((*batch.begin()).text() == "one");  // owns its bytes
}

TEST_CASE("store: the destructor closes, and handles may outlive it", "[storage][store]") {
    const temporary_directory directory;
    std::optional<message_log> left;
    {
        auto store = store::open(directory.path()).value();
        left = store.open_log("a").value();
        REQUIRE(left->append({"one"}));
    }
    CHECK(left->append({"two"}).error().code == errc::closed);
    auto again = store::open(directory.path()).value();  // not locked any more
    CHECK(again.open_log("a").value().status().value().messages == 1);
}

TEST_CASE("store: closing ends waits and appends that are under way", "[storage][store]") {
    const temporary_directory directory;
    auto store = store::open(directory.path(), {.durability = durability::synced}, 2).value();
    auto log = store.open_log("a").value();
    auto waiting = std::async(std::launch::async, [log]() mutable {
        return log.wait(message_offset{1'000'000'000}, 60s).error().code;
    });
    std::atomic<std::uint64_t> appended = 0;
    std::vector<std::thread> writers;
    for (int i = 0; i < 3; ++i) {
        writers.emplace_back([log, &appended]() mutable {
            for (;;) {
                if (const auto range = log.append({"x"}); !range) {
                    return;
                }
                ++appended;
            }
        });
    }
    REQUIRE(log.wait(message_offset{20}, 30s));
    REQUIRE(store.close());
    CHECK(waiting.get() == errc::closed);
    for (std::thread& writer : writers) {
        writer.join();
    }
    auto again = store::open(directory.path()).value();
    CHECK(again.open_log("a").value().status().value().messages >= appended);
}

TEST_CASE("store: every asynchronous append is answered before closing returns",
          "[storage][store]") {
    const temporary_directory directory;
    std::atomic<int> answered = 0;
    int handed_over = 0;
    auto store = store::open(directory.path()).value();
    auto log = store.open_log("a").value();
    for (; handed_over < 500; ++handed_over) {
        REQUIRE(
            log.append_async(message_batch_builder{}.add("x"), [&](const auto&) { ++answered; }));
    }
    REQUIRE(store.close());
    CHECK(answered == handed_over);
}

TEST_CASE("store: an idle store costs no processor time", "[storage][store]") {
    const temporary_directory directory;
    auto store = store::open(directory.path()).value();
    auto log = store.open_log("a").value();
    REQUIRE(log.append({"one"}));
    const auto used = [] {
        rusage usage{};
        ::getrusage(RUSAGE_SELF, &usage);
        const auto micros = [](const timeval& at) { return at.tv_sec * 1'000'000 + at.tv_usec; };
        return micros(usage.ru_utime) + micros(usage.ru_stime);
    };
    const auto before = used();
    CHECK(log.wait(message_offset{1}, 1s).error().code == errc::timeout);
    CHECK(used() - before < 100'000);
}
