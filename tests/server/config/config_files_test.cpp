#include <regex>
#include <set>
#include <string>

#include "config/render.hpp"
#include "config/schema.hpp"
#include "config_support.hpp"
#include "support/catch.hpp"

using namespace iggy::server;
using namespace config_support;
using Catch::Matchers::Contains;

namespace {

const std::filesystem::path source_dir{IGGY_SOURCE_DIR};

}  // namespace

TEST_CASE("schema: paths are unique and the keys of a section stand together", "[server][config]") {
    std::set<std::string_view> paths;
    std::set<std::string_view> finished;
    std::string_view section;
    for (const config_key& key : config_keys()) {
        CAPTURE(std::string{key.path});
        CHECK(paths.insert(key.path).second);
        CHECK_FALSE(key.meaning.empty());
        if (key.section() != section) {
            CHECK(finished.insert(key.section()).second);
            section = key.section();
        }
    }
}

TEST_CASE("shipped file: it is what the schema says", "[server][config]") {
    CHECK(read_file(source_dir / "configs/server.toml") == render_defaults_file());
}

TEST_CASE("shipped file: it changes nothing, and uncommented neither", "[server][config]") {
    const std::string shipped = read_file(source_dir / "configs/server.toml");
    const auto as_it_is = load(shipped);
    REQUIRE(as_it_is);
    CHECK(as_it_is->set_keys.empty());
    const std::string nothing = render_config(load("").value().config);
    CHECK(render_config(as_it_is->config) == nothing);

    const std::regex commented{"(^|\n)#([a-z0-9_]+ = )"};
    const std::regex of_this_machine{
        "\n(size = \"4 GiB\"|[a-z_]*(read|write)_buffer_size = [^\n]*|"
        "max_(message|frame)_size = [^\n]*)"};
    const std::string uncommented =
        std::regex_replace(std::regex_replace(shipped, commented, "$1$2"), of_this_machine, "");
    const auto loaded = load(uncommented);
    REQUIRE(loaded);
    CHECK(loaded->notices.empty());
    CHECK(render_config(loaded->config) == nothing);
}

TEST_CASE("documentation: its table of keys is what the schema says", "[server][config]") {
    CHECK_THAT(read_file(source_dir / "docs/configuration.md"), Contains(render_key_table()));
}
