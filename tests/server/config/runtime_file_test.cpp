#include "config/runtime_file.hpp"

#include <sys/stat.h>

#include <string>

#include "config/render.hpp"
#include "config/schema.hpp"
#include "config_support.hpp"
#include "support/catch.hpp"

using namespace iggy::server;
using namespace config_support;
using Catch::Matchers::Contains;

namespace {

constexpr std::string_view changed = R"(
tcp.address = "127.0.0.1:0"
tcp.socket = { linger = "1m 30s", nodelay = true }
http.cors.allowed_origins = []
http.jwt.encoding_secret = "a \"secret\"\nline"
http.jwt.trusted_issuers = [{ issuer = "i", audience = "a", jwks_url = "u", user_id = 7 }]
websocket.max_frame_size = "16 MiB"
websocket.max_message_size = "unlimited"
system.topic.max_size = "10737418241"
system.topic.message_expiry = "1M"
system.partition.enforce_fsync = true
system.segment.cache_indexes = "none"
system.sharding.cpu_allocation = "numa:cores=2"
system.memory_pool.size = "512 MiB"
cluster.node.others = [
    { name = "b", ip = "10.0.0.2", ports = {} },
    { name = "c", ip = "10.0.0.3", ports = { tcp = 1, websocket = 2 } },
]
)";

}  // namespace

TEST_CASE("runtime file: it loads back to the same configuration", "[server][config]") {
    for (const std::string_view toml : {std::string_view{}, changed}) {
        const auto first = load(toml);
        REQUIRE(first);
        const std::string text = render_config(first->config);
        const auto second = load(text);
        REQUIRE(second);
        CHECK(render_config(second->config) == text);
    }
}

TEST_CASE("runtime file: every key that has a value is in it", "[server][config]") {
    const auto loaded = load(changed);
    REQUIRE(loaded);
    const auto again = load(render_config(loaded->config));
    REQUIRE(again);
    for (const config_key& key : config_keys()) {
        CAPTURE(std::string{key.path});
        CHECK(again->set_keys.contains(key.path) == !key.print(loaded->config).empty());
    }
}

TEST_CASE("runtime file: bound addresses replace the configured ones, and only the owner reads it",
          "[server][config]") {
    const scratch_directory scratch;
    const auto path = scratch.write("current_config.toml", "old");
    const auto loaded = load(changed);
    REQUIRE(loaded);
    REQUIRE(write_runtime_config(path, loaded->config,
                                 {.tcp = listen_address{"::1", 4321},
                                  .quic = {},
                                  .http = listen_address{"127.0.0.1", 99},
                                  .websocket = {}}));
    const auto again = load(read_text(path));
    REQUIRE(again);
    CHECK(again->config.tcp.address == listen_address{"::1", 4321});
    CHECK(again->config.http.address == listen_address{"127.0.0.1", 99});
    CHECK(again->config.quic.address == loaded->config.quic.address);
    struct stat status{};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0600);
    CHECK_FALSE(std::filesystem::exists(path.string() + ".tmp"));
}

TEST_CASE("runtime file: a directory that is missing is an error that names it",
          "[server][config]") {
    const scratch_directory scratch;
    const auto written =
        write_runtime_config(scratch / "absent" / "current_config.toml", default_config(), {});
    REQUIRE_FALSE(written);
    CHECK_THAT(written.error().reason,
               Contains("cannot create") && Contains("absent") && Contains("No such file"));
    server_config config = default_config();
    config.system.path = "/data";
    CHECK(runtime_config_path(config) == "/data/runtime/current_config.toml");
}

TEST_CASE("display: the line for the log hides secrets and has no line break", "[server][config]") {
    const std::string line = describe_config(load(changed).value().config);
    CHECK_THAT(line, Contains("tcp.address = \"127.0.0.1:0\"") &&
                         Contains("http.jwt.encoding_secret = \"******\""));
    CHECK_THAT(line, !Contains("secret\\\"") && !Contains("\n"));
}
