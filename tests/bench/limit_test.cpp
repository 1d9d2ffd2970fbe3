// The limit: the bare server and what it is compared with.

#include "comparison.hpp"

#include "support/catch.hpp"

using namespace iggy::bench;

namespace {

/// Turns of a second with so many messages each.
target_figures with_turns(const std::vector<std::uint64_t>& messages) {
    target_figures made;
    for (const auto count : messages) {
        turn_outcome turn;
        turn.took = std::chrono::seconds{1};
        turn.produced.messages = count;
        made.turns.push_back(turn);
    }
    return made;
}

}  // namespace

TEST_CASE("limit: the share is of the medians of the turns", "[bench]") {
    const auto server = with_turns({100, 900, 300});
    CHECK(compare(server, with_turns({600, 400, 100})).share == Approx(0.75));
    CHECK(compare(server, with_turns({0, 0, 0})).share == 0);
}

TEST_CASE("limit: the median of an even number of values is between the middle two", "[bench]") {
    CHECK(median({4, 1, 3, 2}) == Approx(2.5));
    CHECK(median({5}) == Approx(5));
}
