#include "support/catch.hpp"
#include "support/text_file.hpp"

TEST_CASE("client: the README shows the example as it is compiled", "[client]") {
    const std::string root = IGGY_SOURCE_DIR;
    const auto example = read_text(root + "/examples/client/main.cpp");
    REQUIRE_FALSE(example.empty());
    CHECK_THAT(read_text(root + "/libiggy_client/README.md"),
               Catch::Contains("```cpp\n" + example + "```\n"));
}
