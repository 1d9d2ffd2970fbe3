// What every queue promises: one body, run on each of them.

#include <array>
#include <atomic>
#include <chrono>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <poll.h>

#include <iggy/base/bytes.hpp>
#include <iggy/storage/io_queue.hpp>

#include "io_queues.hpp"
#include "storage/lower/test_disks.hpp"
#include "support/catch.hpp"

using namespace iggy::storage;
using iggy::as_bytes;
using iggy::byte_view;
using iggy::done;
using iggy::done_t;

namespace {

/// Remembers how it ended; may start the next request from there.
struct recorder final : io_request {
    void on_done(result<std::size_t> moved) override {
        outcome = moved;
        ++ended;
        thread = std::this_thread::get_id();
        if (then) {
            then();
        }
    }
    result<std::size_t> outcome{errc::unknown};
    int ended = 0;
    std::thread::id thread;
    std::function<void()> then;
};

/// A queue of the named kind with the threads it needs. Empty where the kernel refuses io_uring.
struct test_queue {
    explicit test_queue(const std::string& kind, std::size_t threads = 4) : pool{threads} {
        auto made = kind == "uring"    ? make_uring_queue(pool)
                    : kind == "thread" ? make_thread_queue(pool)
                                       : make_step_queue(kind == "step" ? 0 : 7);
        if (made) {
            queue = std::move(*made);
            return;
        }
        REQUIRE(kind == "uring");
        std::cout << "skipped: io_uring is refused here: " << describe(made.error()) << '\n';
    }
    explicit operator bool() const noexcept { return queue != nullptr; }
    io_queue* operator->() const noexcept { return queue.get(); }

    /// Turns the loop until nothing is in flight, sleeping on the queue's descriptor.
    void run_until_idle() const {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{30};
        queue->submit();
        while (queue->in_flight() != 0) {
            REQUIRE(std::chrono::steady_clock::now() < deadline);
            pollfd wake{queue->event_descriptor(), POLLIN, 0};
            REQUIRE(::poll(&wake, 1, 30'000) == 1);
            queue->reap();
            queue->submit();
        }
    }

    worker_pool pool;
    std::unique_ptr<io_queue> queue;
};

std::string any_queue() { return GENERATE("uring", "thread", "step", "shuffled step"); }
std::string any_disk() { return GENERATE("posix", "memory"); }

iggy::byte_span writable(std::string& text) {
    return std::as_writable_bytes(std::span{text.data(), text.size()});
}

}  // namespace

TEST_CASE("io queue: a write, a sync and a read, each after the other", "[storage][queue]") {
    const test_queue queue{any_queue()};
    const test_disk disk{any_disk()};
    if (!queue) {
        return;
    }
    const auto file = disk.create("log");
    const std::array<byte_view, 3> parts{as_bytes("one "), as_bytes(""), as_bytes("two")};
    recorder write, sync, read;
    std::string space(16, '-');
    queue->write(*file, 2, parts, write);
    write.then = [&] { queue->run([&] { return file->sync(); }, sync); };
    sync.then = [&] { queue->read(*file, 2, writable(space), read); };
    queue.run_until_idle();

    CHECK(write.outcome.value() == 7);
    CHECK(sync.outcome.value() == 0);
    CHECK(read.outcome.value() == 7);  // short only because the file ends
    CHECK(space.substr(0, 7) == "one two");
    CHECK(write.ended + sync.ended + read.ended == 3);
    CHECK(read.thread == std::this_thread::get_id());
}

TEST_CASE("io queue: requests end only inside reap", "[storage][queue]") {
    const test_queue queue{any_queue()};
    const test_disk disk{any_disk()};
    if (!queue) {
        return;
    }
    const auto file = disk.create("log");
    const std::array<byte_view, 1> parts{as_bytes("x")};
    recorder write;
    queue->write(*file, 0, parts, write);
    CHECK(queue->in_flight() == 1);
    queue->submit();
    pollfd wake{queue->event_descriptor(), POLLIN, 0};
    REQUIRE(::poll(&wake, 1, 30'000) == 1);
    CHECK(write.ended == 0);
    CHECK(queue->in_flight() == 1);
    queue.run_until_idle();
    CHECK(write.ended == 1);
    CHECK(queue->reap() == 0);
    CHECK(::poll(&wake, 1, 0) == 0);  // nothing to do, so nothing wakes
}

TEST_CASE("io queue: far more requests than a ring holds all end", "[storage][queue]") {
    const test_queue queue{any_queue()};
    const test_disk disk{any_disk()};
    if (!queue) {
        return;
    }
    constexpr std::size_t count = 2'000;
    const auto file = disk.create("log");
    std::vector<std::string> texts;
    for (std::size_t at = 0; at < count; ++at) {
        texts.push_back(std::to_string(1'000'000 + at));
    }
    std::vector<byte_view> parts(texts.size());
    std::vector<recorder> writes(count);
    for (std::size_t at = 0; at < count; ++at) {
        parts[at] = as_bytes(texts[at]);
        queue->write(*file, at * 7, {&parts[at], 1}, writes[at]);
    }
    queue.run_until_idle();
    std::vector<recorder> reads(count);
    std::vector<std::string> read(count, std::string(7, '-'));
    for (std::size_t at = 0; at < count; ++at) {
        queue->read(*file, at * 7, writable(read[at]), reads[at]);
    }
    queue.run_until_idle();
    for (std::size_t at = 0; at < count; ++at) {
        REQUIRE(writes[at].outcome.value() == 7);
        REQUIRE(reads[at].ended == 1);
        REQUIRE(reads[at].outcome.value() == 7);
    }
    CHECK(read == texts);
}

TEST_CASE("io queue: one write takes thousands of parts and megabytes", "[storage][queue]") {
    const test_queue queue{any_queue()};
    const test_disk disk{any_disk()};
    if (!queue) {
        return;
    }
    const auto file = disk.create("log");
    std::vector<std::string> texts;
    std::string expected;
    for (std::size_t at = 0; at < 3'000; ++at) {
        texts.emplace_back(at % 5 == 0 ? 0 : 1'000 + at, static_cast<char>('a' + at % 26));
        expected += texts.back();
    }
    std::vector<byte_view> parts;
    for (const auto& text : texts) {
        parts.push_back(as_bytes(text));
    }
    recorder write, read;
    queue->write(*file, 0, parts, write);
    queue.run_until_idle();
    CHECK(write.outcome.value() == expected.size());
    std::string got(expected.size(), '-');
    queue->read(*file, 0, writable(got), read);
    queue.run_until_idle();
    CHECK(read.outcome.value() == expected.size());
    CHECK(got == expected);
}

TEST_CASE("io queue: empty writes and reads end well", "[storage][queue]") {
    const test_queue queue{any_queue()};
    const test_disk disk{any_disk()};
    if (!queue) {
        return;
    }
    const auto file = disk.create("log");
    recorder write, read, read_past_end;
    std::string space(4, '-');
    queue->write(*file, 0, {}, write);
    queue->read(*file, 0, {}, read);
    queue->read(*file, 100, writable(space), read_past_end);
    queue.run_until_idle();
    CHECK(write.outcome.value() == 0);
    CHECK(read.outcome.value() == 0);
    CHECK(read_past_end.outcome.value() == 0);
}

TEST_CASE("io queue: what a file refuses reaches its request", "[storage][queue]") {
    const test_queue queue{any_queue()};
    const test_disk disk{any_disk()};
    if (!queue) {
        return;
    }
    disk.create("log");
    const auto file = disk->open("log", open_mode::read).value();
    const std::array<byte_view, 1> parts{as_bytes("x")};
    recorder write;
    queue->write(*file, 5, parts, write);
    queue.run_until_idle();
    REQUIRE_FALSE(write.outcome);
    CHECK(write.outcome.error().code == errc::io);
    CHECK(write.outcome.error().sys_errno == EBADF);
    CHECK(write.outcome.error().position == 5);
}

TEST_CASE("io queue: a job runs off this thread's hands and its outcome comes back",
          "[storage][queue]") {
    const std::string kind = any_queue();
    const test_queue queue{kind};
    if (!queue) {
        return;
    }
    recorder good, bad, thrown;
    std::thread::id worker;
    queue->run(
        [&worker]() -> result<done_t> {
            worker = std::this_thread::get_id();
            return done;
        },
        good);
    queue->run([]() -> result<done_t> { return error{errc::no_space, ENOSPC}; }, bad);
    queue->run([]() -> result<done_t> { throw std::bad_alloc{}; }, thrown);
    queue.run_until_idle();
    CHECK(good.outcome.value() == 0);
    CHECK(bad.outcome.error().code == errc::no_space);
    CHECK(thrown.outcome.error().code == errc::memory_limit);
    CHECK((worker == std::this_thread::get_id()) == kind.ends_with("step"));
}

TEST_CASE("io queue: a chain of requests from on_done goes on to its end", "[storage][queue]") {
    const test_queue queue{any_queue()};
    const test_disk disk{any_disk()};
    if (!queue) {
        return;
    }
    const auto file = disk.create("log");
    const std::array<byte_view, 1> parts{as_bytes("x")};
    recorder write;
    write.then = [&] {
        if (write.ended < 500) {
            queue->write(*file, static_cast<std::uint64_t>(write.ended), parts, write);
        }
    };
    queue->write(*file, 0, parts, write);
    queue.run_until_idle();
    CHECK(write.ended == 500);
    CHECK(contents_of(*file) == std::string(500, 'x'));
}

TEST_CASE("io queue: queues of several threads share their helpers", "[storage][queue]") {
    const std::string kind = GENERATE("uring", "thread");
    worker_pool pool{3};
    std::atomic<int> ran{0};
    std::atomic<int> queues{0};
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread) {
        threads.emplace_back([&] {
            auto made = kind == "uring" ? make_uring_queue(pool) : make_thread_queue(pool);
            if (!made) {
                return;  // reported by the other cases
            }
            ++queues;
            io_queue& queue = **made;
            std::vector<recorder> jobs(200);
            for (recorder& job : jobs) {
                queue.run(
                    [&ran]() -> result<done_t> {
                        ++ran;
                        return done;
                    },
                    job);
                queue.submit();
            }
            while (queue.in_flight() != 0) {
                pollfd wake{queue.event_descriptor(), POLLIN, 0};
                ::poll(&wake, 1, 30'000);
                queue.reap();
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    CHECK(ran == queues * 200);
}

TEST_CASE("step queue: the same seed gives the same order, and nothing runs before submit",
          "[storage][queue]") {
    auto order_of = [](std::uint64_t seed) {
        const auto queue = make_step_queue(seed).value();
        std::string order;
        std::vector<recorder> jobs(8);
        for (std::size_t at = 0; at < jobs.size(); ++at) {
            queue->run(
                [&order, at]() -> result<done_t> {
                    order += static_cast<char>('0' + at);
                    return done;
                },
                jobs[at]);
        }
        CHECK(queue->reap() == 0);
        queue->submit();
        while (queue->in_flight() != 0) {
            CHECK(queue->reap() > 0);
        }
        return order;
    };
    CHECK(order_of(0) == "01234567");
    CHECK(order_of(5) == order_of(5));
    CHECK(order_of(5) != order_of(0));
    CHECK(order_of(5) != order_of(6));
}
