#include "pacer.hpp"

#include "support/catch.hpp"

using namespace iggy::bench;
using std::chrono::milliseconds;

TEST_CASE("pacer: requests stay due when they were, however late their turn comes", "[bench]") {
    const std::atomic<bool> stop{false};
    const auto begin =
        clock::now() - std::chrono::hours{1};  // a server that stood still for an hour
    pacer pace{1'000'000, begin};
    CHECK(pace.wait(stop) == begin);
    pace.moved(5000);
    CHECK(pace.wait(stop) == begin + milliseconds{5});
    pace.moved(2500);
    CHECK(pace.wait(stop) == begin + std::chrono::microseconds{7500});
}

TEST_CASE("pacer: a request is not made before it is due", "[bench]") {
    const std::atomic<bool> stop{false};
    const auto begin = clock::now();
    pacer pace{1'000'000, begin};
    pace.moved(20'000);
    const auto due = pace.wait(stop);
    CHECK(due == begin + milliseconds{20});
    CHECK(clock::now() >= due);
}

TEST_CASE("pacer: a stop ends the wait", "[bench]") {
    const std::atomic<bool> stop{true};
    pacer pace{1, clock::now()};
    pace.moved(1'000'000'000);
    pace.wait(stop);
    SUCCEED("it came back");
}

TEST_CASE("pacer: without a rate a request is due at once", "[bench]") {
    const std::atomic<bool> stop{false};
    const auto before = clock::now();
    pacer pace{std::nullopt, before - std::chrono::hours{1}};
    pace.moved(1'000'000'000);
    const auto due = pace.wait(stop);
    CHECK(due >= before);
    CHECK(due <= clock::now());
}
