#include <string>

#include "support/catch.hpp"
#include "support/text_file.hpp"

TEST_CASE("store: both READMEs show the example as it is compiled", "[storage][store]") {
    const std::string root = IGGY_SOURCE_DIR;
    const auto example = read_text(root + "/examples/embed/main.cpp");
    REQUIRE_FALSE(example.empty());
    for (const char* const readme : {"/README.md", "/libiggy_storage/README.md"}) {
        CAPTURE(readme);
        CHECK_THAT(read_text(root + readme), Catch::Contains("```cpp\n" + example + "```\n"));
    }
}
