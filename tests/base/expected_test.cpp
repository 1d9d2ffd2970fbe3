#include <memory>
#include <string>

#include <iggy/base/expected.hpp>

#include "support/catch.hpp"

namespace {

struct failure {
    int code = 0;
};
std::string describe(const failure& error) { return "failure " + std::to_string(error.code); }

template <class T>
using result = iggy::expected<T, failure>;

result<int> half(int number) {
    if (number % 2 != 0) {
        return failure{number};
    }
    return number / 2;
}

}  // namespace

TEST_CASE("expected: a success holds its value and no error", "[base]") {
    const auto answer = half(8);
    REQUIRE(answer.has_value());
    CHECK(*answer == 4);
    CHECK(answer.value() == 4);
}

TEST_CASE("expected: value() of a failure throws its full description", "[base]") {
    const auto answer = half(7);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == 7);
    CHECK_THROWS_WITH(answer.value(), "failure 7");
    CHECK(answer.value_or(-1) == -1);
}

TEST_CASE("expected: a move-only value leaves a temporary by value", "[base]") {
    auto make = [] { return result<std::unique_ptr<int>>{std::make_unique<int>(3)}; };
    const std::unique_ptr<int> taken = make().value();
    CHECK(*taken == 3);
}
