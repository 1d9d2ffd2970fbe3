#include "shard/poll_spacing.hpp"

#include "support/catch.hpp"

using namespace iggy::server;
using namespace std::chrono_literals;

namespace {

constexpr poll_spacing::clock::time_point now{1h};
constexpr char one{};
constexpr char other{};

}  // namespace

TEST_CASE("spacing: after a poll twice its time is left to others", "[server][shard]") {
    poll_spacing spacing;
    CHECK(spacing.book(&one, now, 1ms) == now + 2ms);
    CHECK(spacing.book(&one, now + 3ms, 1ms) == now + 5ms);
}

TEST_CASE("spacing: a poll begins after those that were booked before it", "[server][shard]") {
    poll_spacing spacing;
    CHECK(spacing.book(&one, now, 1ms) == now + 2ms);
    CHECK(spacing.book(&one, now, 1ms) == now + 5ms);
    CHECK(spacing.book(&one, now, 2ms) == now + 10ms);
    CHECK(spacing.book(&one, now + 1ms, 1ms) == now + 14ms);
}

TEST_CASE("spacing: several consumers get half of what one alone would", "[server][shard]") {
    poll_spacing spacing;
    CHECK(spacing.book(&one, now, 1ms) == now + 2ms);
    CHECK(spacing.book(&other, now + 3ms, 1ms) == now + 8ms);
    CHECK(spacing.book(&one, now + 9ms, 1ms) == now + 14ms);
    CHECK(spacing.book(&one, now + 15ms, 1ms) == now + 20ms);
}

TEST_CASE("spacing: who has polled alone for a while is alone", "[server][shard]") {
    poll_spacing spacing;
    spacing.book(&one, now, 1ms);
    spacing.book(&other, now, 1ms);
    CHECK(spacing.book(&other, now + 200ms, 1ms) == now + 205ms);
    CHECK(spacing.book(&other, now + 1s, 1ms) == now + 1002ms);
    CHECK(spacing.book(&one, now + 2s, 1ms) == now + 2005ms);
}

TEST_CASE("spacing: who comes after a rest does not wait for what is over", "[server][shard]") {
    poll_spacing spacing;
    spacing.book(&one, now, 1ms);
    CHECK(spacing.book(&one, now + 1h, 1ms) == now + 1h + 2ms);
}

TEST_CASE("spacing: nobody waits longer than a tenth of a second", "[server][shard]") {
    poll_spacing spacing;
    for (int polls = 0; polls < 1000; ++polls) {
        CHECK(spacing.book(&one, now, 10s) <= now + 100ms);
    }
    CHECK(spacing.book(&one, now + 200ms, 1ms) == now + 202ms);
}
