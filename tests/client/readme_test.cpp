#include <fstream>
#include <sstream>

#include "support/catch.hpp"

namespace {

std::string text_of(const std::string& file) {
    std::ifstream in{file};
    std::ostringstream text;
    text << in.rdbuf();
    return std::move(text).str();
}

}  // namespace

TEST_CASE("client: the README shows the example as it is compiled", "[client]") {
    const std::string root = IGGY_SOURCE_DIR;
    const auto example = text_of(root + "/examples/client/main.cpp");
    REQUIRE_FALSE(example.empty());
    CHECK_THAT(text_of(root + "/libiggy_client/README.md"),
               Catch::Contains("```cpp\n" + example + "```\n"));
}
