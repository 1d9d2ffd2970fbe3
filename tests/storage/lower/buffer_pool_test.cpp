#include <cstdint>
#include <cstring>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <iggy/storage/memory.hpp>

#include "support/catch.hpp"

using iggy::storage::buffer;
using iggy::storage::buffer_pool;
using iggy::storage::memory_budget;

namespace {

constexpr std::uint64_t kib = 1024;
constexpr std::uint64_t mib = 1024 * kib;

}  // namespace

TEST_CASE("memory budget: takes up to its limit and not a byte more", "[storage][memory]") {
    memory_budget budget{100};
    CHECK(budget.try_take(60));
    CHECK_FALSE(budget.try_take(41));
    CHECK(budget.try_take(40));
    CHECK_FALSE(budget.try_take(1));
    CHECK(budget.try_take(0));
    budget.give_back(10);
    CHECK(budget.used() == 90);
    budget.take(1'000);  // without asking
    CHECK_FALSE(budget.try_take(1));
    CHECK_FALSE(budget.try_take(UINT64_MAX));
    CHECK(budget.used() == 1'090);
    CHECK(budget.limit() == 100);
}

TEST_CASE("buffer pool: blocks are aligned powers of two, at least as large as asked for",
          "[storage][memory]") {
    memory_budget budget{64 * mib};
    buffer_pool pool{budget, 16 * mib};
    const std::vector<std::pair<std::size_t, std::size_t>> sizes{
        {1, 4 * kib},          {4 * kib, 4 * kib},   {4 * kib + 1, 8 * kib}, {64 * kib, 64 * kib},
        {65 * kib, 128 * kib}, {1'000'000, 1 * mib}, {9 * mib, 16 * mib}};
    for (const auto& [asked, got] : sizes) {
        const buffer block = pool.try_take(asked);
        REQUIRE(block);
        CHECK(block.size() == got);
        CHECK(reinterpret_cast<std::uintptr_t>(block.bytes().data()) % 4096 == 0);
        std::memset(block.bytes().data(), 0x5a, block.size());
    }
}

TEST_CASE("buffer pool: a block that came back is lent again", "[storage][memory]") {
    memory_budget budget{64 * mib};
    buffer_pool pool{budget, 16 * mib};
    const std::byte* first = pool.try_take(1 * mib).bytes().data();
    CHECK(budget.used() == 1 * mib);  // kept, and counted
    const buffer again = pool.try_take(1 * mib);
    CHECK(again.bytes().data() == first);
    CHECK(budget.used() == 1 * mib);
}

TEST_CASE("buffer pool: the owner gets the block first that it released last",
          "[storage][memory]") {
    memory_budget budget{64 * mib};
    buffer_pool pool{budget, 16 * mib};
    buffer cold = pool.try_take(1 * mib);
    buffer hot = pool.try_take(1 * mib);
    const std::byte* const released_last = hot.bytes().data();
    cold = {};
    hot = {};
    for (int turn = 0; turn < 3; ++turn) {
        CHECK(pool.try_take(1 * mib).bytes().data() == released_last);
    }
}

TEST_CASE("buffer pool: no more than the bound is kept", "[storage][memory]") {
    memory_budget budget{64 * mib};
    buffer_pool pool{budget, 1 * mib};
    {
        std::vector<buffer> lent;
        for (int count = 0; count < 16; ++count) {
            lent.push_back(pool.try_take(256 * kib));
        }
        CHECK(budget.used() == 4 * mib);
    }
    CHECK(budget.used() == 1 * mib);
    pool.try_take(2 * mib);  // over the bound on its own: not kept
    CHECK(budget.used() <= 1 * mib);
}

TEST_CASE("buffer pool: sizes in use push out sizes that are not", "[storage][memory]") {
    memory_budget budget{64 * mib};
    buffer_pool pool{budget, 1 * mib};
    pool.try_take(1 * mib);  // fills the bound
    pool.try_take(4 * kib);
    CHECK(budget.used() == 4 * kib);
    const buffer small = pool.try_take(4 * kib);
    CHECK(budget.used() == 4 * kib);
}

TEST_CASE("buffer pool: at the limit it frees what it keeps, then says no", "[storage][memory]") {
    memory_budget budget{1 * mib};
    buffer_pool pool{budget, 1 * mib};
    {
        const buffer first = pool.try_take(512 * kib);
        const buffer second = pool.try_take(256 * kib);
        CHECK_FALSE(pool.try_take(512 * kib));
    }
    CHECK(budget.used() == 768 * kib);
    const buffer all = pool.try_take(1 * mib);
    REQUIRE(all);
    CHECK(budget.used() == 1 * mib);
    CHECK_FALSE(pool.try_take(1));

    const buffer promised = pool.take(4 * kib);  // must finish what it began
    REQUIRE(promised);
    CHECK(budget.used() == 1 * mib + 4 * kib);
}

TEST_CASE("buffer pool: a moved buffer is released once", "[storage][memory]") {
    memory_budget budget{64 * mib};
    buffer_pool pool{budget, 0};
    std::optional<buffer> outer;
    {
        buffer inner = pool.try_take(4 * kib);
        outer.emplace(std::move(inner));
        CHECK_FALSE(inner);  // NOLINT(bugprone-use-after-move): what a move leaves is promised
        buffer assigned;
        assigned = std::move(*outer);
        *outer = std::move(assigned);
    }
    CHECK(budget.used() == 4 * kib);
    outer.reset();
    CHECK(budget.used() == 0);
}

TEST_CASE("buffer pool: other threads give blocks back while the owner takes",
          "[storage][memory]") {
    memory_budget budget{64 * mib};
    buffer_pool pool{budget, 4 * mib};
    std::vector<std::vector<buffer>> shares(3);
    for (int round = 0; round < 200; ++round) {
        for (auto& share : shares) {
            for (std::size_t size = 4 * kib; size <= 128 * kib; size *= 2) {
                share.push_back(pool.try_take(size));
                REQUIRE(share.back());
                share.back().bytes().front() = std::byte{1};
            }
        }
        std::vector<std::thread> threads;
        for (auto& share : shares) {
            threads.emplace_back([mine = std::move(share)]() mutable { mine.clear(); });
            share.clear();
        }
        const buffer meanwhile = pool.try_take(16 * kib);
        CHECK(meanwhile);
        for (std::thread& thread : threads) {
            thread.join();
        }
    }
    CHECK(budget.used() <= 4 * mib);
}
