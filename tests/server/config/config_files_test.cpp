#include <set>
#include <sstream>
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

/// The shipped file with every default in force, except what is absent by default and the size of
/// the pool, which would stand for the memory limit of this machine.
std::string with_keys_uncommented(const std::string& shipped) {
    std::istringstream lines{shipped};
    std::string text;
    for (std::string line; std::getline(lines, line);) {
        const bool is_key = line.starts_with('#') && !line.starts_with("# ");
        if (!is_key) {
            text += line + "\n";
        } else if (line != "#size = \"4 GiB\"" && !line.ends_with(" = \"64 KiB\"")) {
            text += line.substr(1) + "\n";
        }
    }
    return text;
}

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
    CHECK(read_text(source_dir / "configs/server.toml") == render_defaults_file());
}

TEST_CASE("shipped file: it changes nothing, and uncommented neither", "[server][config]") {
    const std::string shipped = read_text(source_dir / "configs/server.toml");
    const auto as_it_is = load(shipped);
    REQUIRE(as_it_is);
    CHECK(as_it_is->set_keys.empty());
    const std::string nothing = render_config(load("").value().config);
    CHECK(render_config(as_it_is->config) == nothing);

    const std::string uncommented = with_keys_uncommented(shipped);
    const auto loaded = load(uncommented);
    REQUIRE(loaded);
    CHECK(loaded->notices.empty());
    CHECK(render_config(loaded->config) == nothing);
}

TEST_CASE("documentation: its table of keys is what the schema says", "[server][config]") {
    CHECK_THAT(read_text(source_dir / "docs/configuration.md"), Contains(render_key_table()));
}
