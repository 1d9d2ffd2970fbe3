#include <iggy/storage.hpp>

#include <atomic>
#include <chrono>
#include <future>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace iggy;
using namespace iggy::storage;
using namespace std::chrono_literals;

TEST_CASE("store: many threads append to and read from the same logs", "[storage][store]") {
    const temporary_directory directory;
    const auto level = GENERATE(durability::memory, durability::written, durability::synced);
    const auto io = GENERATE(io_engine::automatic, io_engine::portable);
    CAPTURE(static_cast<int>(level), static_cast<int>(io));
    auto store = store::open(directory.path(), {.durability = level, .io = io}, 2).value();
    std::vector<message_log> logs;
    for (const char* const name : {"a", "b", "c"}) {
        logs.push_back(store.open_log(name).value());
    }
    constexpr int batches = 40;
    constexpr std::size_t writers = 2;  // a log
    std::atomic<int> failures = 0;
    std::vector<std::thread> threads;
    for (message_log& to : logs) {
        for (std::size_t writer = 0; writer < writers; ++writer) {
            threads.emplace_back([to, writer, &failures]() mutable {
                for (int i = 0; i < batches; ++i) {
                    const auto text = std::to_string(writer) + ':' + std::to_string(i);
                    failures += to.append({text, text}) ? 0 : 1;
                }
            });
        }
        threads.emplace_back([to, &failures]() mutable {
            constexpr std::uint64_t expected = std::uint64_t{2} * batches * writers;
            std::map<char, int> seen;
            for (message_offset at; at.raw() < expected;) {
                if (!to.wait(at, 30s)) {
                    ++failures;
                    return;
                }
                const auto batch = to.read({.from = at}).value();
                for (const auto& message : batch) {
                    // Each writer's messages come in pairs, in its order.
                    const int number = std::stoi(std::string{message.text().substr(2)});
                    failures += seen[message.text()[0]]++ / 2 == number ? 0 : 1;
                    failures += message.offset() == at ? 0 : 1;
                    at = at.next();
                }
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    CHECK(failures == 0);
    REQUIRE(store.close());
}

TEST_CASE("store: asynchronous appends commit in the order they were handed over",
          "[storage][store]") {
    const temporary_directory directory;
    auto store = store::open(directory.path(), {.durability = durability::synced}).value();
    auto log = store.open_log("a").value();
    constexpr std::uint64_t batches = 200;
    std::vector<std::uint64_t> firsts;  // written by the store's thread until `all` is set
    std::promise<void> all;
    for (std::uint64_t i = 0; i < batches; ++i) {
        message_batch_builder batch;
        batch.add("one").add("two");
        const auto handed_over = log.append_async(std::move(batch), [&](const auto& committed) {
            firsts.push_back(committed.value().first.raw());
            if (firsts.size() == batches) {
                all.set_value();
            }
        });
        REQUIRE(handed_over);
    }
    REQUIRE(all.get_future().wait_for(30s) == std::future_status::ready);
    for (std::uint64_t i = 0; i < batches; ++i) {
        CHECK(firsts[i] == 2 * i);
    }
}

TEST_CASE("store: a callback may hand over the next batch", "[storage][store]") {
    const temporary_directory directory;
    auto store = store::open(directory.path()).value();
    auto log = store.open_log("a").value();
    std::promise<std::uint64_t> last;
    commit_callback again = [&](const store_result<appended_range>& committed) {
        if (committed.value().first.raw() == 9) {
            last.set_value(9);
        } else if (!log.append_async(message_batch_builder{}.add("x"), again)) {
            last.set_value(0);
        }
    };
    REQUIRE(log.append_async(message_batch_builder{}.add("x"), again));
    auto done_at = last.get_future();
    REQUIRE(done_at.wait_for(30s) == std::future_status::ready);
    CHECK(done_at.get() == 9);
}

TEST_CASE("store: asynchronous appends push back at the memory limit", "[storage][store]") {
    const temporary_directory directory;
    auto store = store::open(directory.path(), {.memory_bytes = memory_bytes_min}).value();
    auto log = store.open_log("a").value();
    const std::string payload(std::size_t{60} << 20, 'x');
    std::promise<void> gate;
    std::promise<void> ended;
    // Keeps the store's thread until the second batch was tried.
    REQUIRE(log.append_async(message_batch_builder{}.add(payload), [&](const auto& committed) {
        gate.get_future().wait();
        committed.value();
        ended.set_value();
    }));
    const auto refused = log.append_async(message_batch_builder{}.add(payload), {});
    gate.set_value();
    CHECK(refused.error().code == errc::memory_limit);
    ended.get_future().wait();
    CHECK(log.append(message_batch_builder{}.add("small")));
}

TEST_CASE("store: a wait ends with a commit, or at its timeout", "[storage][store]") {
    const temporary_directory directory;
    auto store = store::open(directory.path()).value();
    auto log = store.open_log("a").value();
    const auto before = std::chrono::steady_clock::now();
    CHECK(log.wait(message_offset{0}, 20ms).error().code == errc::timeout);
    CHECK(std::chrono::steady_clock::now() - before >= 20ms);
    CHECK(log.wait(message_offset{0}, 0ns).error().code == errc::timeout);

    auto waiting = std::async(std::launch::async,
                              [log]() mutable { return log.wait(message_offset{1}, 30s); });
    REQUIRE(log.append({"one"}));
    CHECK(waiting.wait_for(0s) != std::future_status::ready);
    REQUIRE(log.append({"two"}));
    CHECK(waiting.get());
    CHECK(log.wait(message_offset{0}, std::chrono::nanoseconds::max()));
}
