#include "shard/poll_spacing.hpp"

#include "support/catch.hpp"

using namespace iggy::server;
using namespace std::chrono_literals;

namespace {

constexpr poll_spacing::clock::time_point now{1h};

}  // namespace

TEST_CASE("spacing: after a poll twice its time is left to others", "[server][shard]") {
    poll_spacing spacing;
    CHECK(spacing.book(now, 1ms) == now + 2ms);
    CHECK(spacing.book(now + 3ms, 1ms) == now + 5ms);
}

TEST_CASE("spacing: a poll begins after those that were booked before it", "[server][shard]") {
    poll_spacing spacing;
    CHECK(spacing.book(now, 1ms) == now + 2ms);
    CHECK(spacing.book(now, 1ms) == now + 5ms);
    CHECK(spacing.book(now, 2ms) == now + 10ms);
    CHECK(spacing.book(now + 1ms, 1ms) == now + 14ms);
}

TEST_CASE("spacing: several consumers that are far behind get half of what one would",
          "[server][shard]") {
    poll_spacing spacing;
    poll_spacing::consumer one{spacing};
    one.is_far_behind(true);
    one.is_far_behind(true);
    CHECK(spacing.book(now, 1ms) == now + 2ms);
    {
        poll_spacing::consumer other{spacing};
        other.is_far_behind(true);
        CHECK(spacing.book(now, 1ms) == now + 8ms);
        other.is_far_behind(false);
        CHECK(spacing.book(now, 1ms) == now + 11ms);
        other.is_far_behind(true);
        CHECK(spacing.book(now, 1ms) == now + 17ms);
    }
    CHECK(spacing.book(now, 1ms) == now + 20ms);
}

TEST_CASE("spacing: who comes after a rest does not wait for what is over", "[server][shard]") {
    poll_spacing spacing;
    spacing.book(now, 1ms);
    CHECK(spacing.book(now + 1h, 1ms) == now + 1h + 2ms);
}

TEST_CASE("spacing: nobody waits longer than a tenth of a second", "[server][shard]") {
    poll_spacing spacing;
    for (int polls = 0; polls < 1000; ++polls) {
        CHECK(spacing.book(now, 10s) <= now + 100ms);
    }
    CHECK(spacing.book(now + 200ms, 1ms) == now + 202ms);
}
