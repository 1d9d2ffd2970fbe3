#include <fstream>
#include <sstream>
#include <string>

#include "support/catch.hpp"

namespace {

std::string text_of(const std::string& file) {
    std::ifstream in{file};
    std::ostringstream text;
    text << in.rdbuf();
    return std::move(text).str();
}

}  // namespace

TEST_CASE("store: both READMEs show the example as it is compiled", "[storage][store]") {
    const std::string root = IGGY_SOURCE_DIR;
    const auto example = text_of(root + "/examples/embed/main.cpp");
    REQUIRE_FALSE(example.empty());
    for (const char* const readme : {"/README.md", "/libiggy_storage/README.md"}) {
        CAPTURE(readme);
        CHECK_THAT(text_of(root + readme), Catch::Contains("```cpp\n" + example + "```\n"));
    }
}
