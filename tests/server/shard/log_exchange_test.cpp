#include "shard/log_exchange.hpp"

#include "shard/moved_logs.hpp"
#include "support/catch.hpp"
#include "tcp/core_watch.hpp"

using namespace iggy;
using namespace std::chrono_literals;
using iggy::server::core_watch;
using iggy::server::log_exchange;
using iggy::server::moved_logs;

namespace {

constexpr log_uid first{1};
constexpr log_uid second{2};
constexpr log_uid third{3};
const log_exchange::clock::time_point start{1h};

}  // namespace

TEST_CASE("log exchange: two logs that want each other's place are to swap", "[server][shard]") {
    log_exchange exchange;
    CHECK_FALSE(exchange.wish(first, 0, 1, start));
    CHECK_FALSE(exchange.wish(second, 0, 1, start));  // the same way
    CHECK_FALSE(exchange.wish(third, 2, 0, start));   // from elsewhere
    CHECK(exchange.wish(log_uid{4}, 1, 0, start) == first);
    CHECK(exchange.wish(log_uid{5}, 1, 0, start) == second);
    CHECK_FALSE(exchange.wish(log_uid{6}, 1, 0, start));
}

TEST_CASE("log exchange: a wish that is not repeated ends, and a new one replaces it",
          "[server][shard]") {
    log_exchange exchange;
    CHECK_FALSE(exchange.wish(first, 0, 1, start));
    CHECK_FALSE(exchange.wish(second, 1, 0, start + 200ms));
    CHECK_FALSE(exchange.wish(second, 1, 2, start + 201ms));
    CHECK_FALSE(exchange.wish(first, 0, 1, start + 201ms));
    CHECK(exchange.wish(third, 2, 1, start + 202ms) == second);
}

TEST_CASE("log exchange: a log that moved rests, each time twice as long", "[server][shard]") {
    log_exchange exchange;
    auto now = start;
    for (auto rest = 50ms; rest <= 1600ms; rest *= 2) {
        exchange.note_move(first, now);
        REQUIRE_FALSE(exchange.wish(second, 1, 0, now + rest - 1ms));
        CHECK_FALSE(exchange.wish(first, 0, 1, now + rest - 1ms));
        now += rest;
        CHECK(exchange.wish(first, 0, 1, now) == second);
    }
}

TEST_CASE("moved logs: an entry says where a log went, until it is gone", "[server][shard]") {
    moved_logs moved;
    CHECK_FALSE(moved.find(first));
    CHECK(moved.add(first, 0));
    CHECK(moved.add(first, 0));
    CHECK(moved.find(first)->shard == 0);
    moved.set(first, {1, true});
    CHECK(moved.find(first)->shard == 1);
    CHECK(moved.find(first)->on_its_way);
    moved.set(first, {1, false});
    CHECK_FALSE(moved.find(first)->on_its_way);

    const log_uid same_place{first.raw() + 4096};
    CHECK_FALSE(moved.add(same_place, 0));
    CHECK_FALSE(moved.find(same_place));
    moved.remove(same_place);
    CHECK(moved.find(first));
    moved.remove(first);
    CHECK(moved.add(same_place, 3));
    CHECK(moved.find(same_place)->shard == 3);
}

TEST_CASE("moved logs: what does not fit into an entry does not move", "[server][shard]") {
    moved_logs moved;
    CHECK(moved.add(log_uid{(std::uint64_t{1} << 48) - 1}, 32766));
    CHECK(moved.find(log_uid{(std::uint64_t{1} << 48) - 1})->shard == 32766);
    CHECK_FALSE(moved.add(log_uid{std::uint64_t{1} << 48}, 0));
    CHECK_FALSE(moved.add(first, 32767));
}

TEST_CASE("core watch: a client that stays on one other core is noticed", "[server][shard]") {
    core_watch watch;
    for (int i = 0; i < 3; ++i) {
        CHECK_FALSE(watch.note(first, 1, 0));
    }
    CHECK(watch.note(first, 1, 0));
    CHECK(watch.note(first, 1, 0));
    CHECK_FALSE(watch.note(first, 0, 0));
    CHECK_FALSE(watch.note(first, 1, 0));
}

TEST_CASE("core watch: neither one that moves about nor one that uses several logs is",
          "[server][shard]") {
    core_watch watch;
    for (int i = 0; i < 20; ++i) {
        CHECK_FALSE(watch.note(first, 1 + i % 2, 0));
    }
    for (int i = 0; i < 20; ++i) {
        CHECK_FALSE(watch.note(i % 2 == 0 ? first : second, 1, 0));
    }
    for (int i = 0; i < 20; ++i) {
        CHECK_FALSE(watch.note(first, -1, 0));  // the kernel does not tell
    }
}
