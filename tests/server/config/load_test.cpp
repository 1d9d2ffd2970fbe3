#include "config/load.hpp"

#include <string>

#include "config/schema.hpp"
#include "config_support.hpp"
#include "support/catch.hpp"

using namespace iggy::server;
using namespace config_support;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

TEST_CASE("config: without file and variables the defaults of the schema hold",
          "[server][config]") {
    const auto loaded = load("");
    REQUIRE(loaded);
    const server_config& config = loaded->config;
    CHECK(config.tcp.address == listen_address{"127.0.0.1", 8090});
    CHECK(config.system.segment.size == 1ULL << 30U);
    CHECK(config.system.partition.durability == iggy::durability::written);
    CHECK(config.system.io.engine == io_engine::automatic);
    CHECK(config.message_saver.interval == 30s);
    CHECK(config.system.topic.max_size.is_unlimited());
    CHECK(config.system.topic.message_expiry.is_never());
    CHECK(config.cluster.node.others.size() == 1);
    CHECK(config.cluster.node.others.at(0).ports.tcp == 8091);
    CHECK_FALSE(config.websocket.max_frame_size);
    CHECK(loaded->set_keys.empty());
    CHECK(loaded->notices.empty());
}

TEST_CASE("config: a file changes the keys it names and no others", "[server][config]") {
    const auto loaded = load(R"(
        [tcp]
        address = "[::1]:0"
        [system.segment]
        size = "512 MiB"
        cache_indexes = true
        [http.cors]
        allowed_origins = ["https://a.example", "https://b.example"]
    )");
    REQUIRE(loaded);
    CHECK(loaded->config.tcp.address == listen_address{"::1", 0});
    CHECK(loaded->config.system.segment.size == 512ULL << 20U);
    CHECK(loaded->config.system.segment.cache_indexes == index_caching::all);
    CHECK(loaded->config.http.cors.allowed_origins.size() == 2);
    CHECK(loaded->config.tcp.enabled);
    CHECK(loaded->set_keys.count("system.segment.size") == 1);
    CHECK(loaded->set_keys.count("tcp.enabled") == 0);
}

TEST_CASE("config: a variable wins over the file", "[server][config]") {
    const auto loaded = load("tcp.address = \"127.0.0.1:1\"\n",
                             {{"IGGY_TCP_ADDRESS", "127.0.0.1:2"}, {"IGGY_TCP_ENABLED", "TRUE"}});
    REQUIRE(loaded);
    CHECK(loaded->config.tcp.address.port == 2);
    CHECK(has_notice(*loaded, false,
                     "IGGY_TCP_ADDRESS value changed to: 127.0.0.1:2 from environment variable"));
}

TEST_CASE("config: an unknown key is ignored with a warning that names a near one",
          "[server][config]") {
    const auto loaded = load("[system.segment]\nsise = \"1 MiB\"\n[nonsense]\nkey = 1\n");
    REQUIRE(loaded);
    CHECK(has_notice(*loaded, true,
                     "test.toml:2:8: unknown key system.segment.sise is ignored; did you mean "
                     "system.segment.size"));
    CHECK(has_notice(*loaded, true, "unknown key nonsense is ignored"));
}

TEST_CASE("config: broken TOML is refused with file, line and column", "[server][config]") {
    const auto loaded = load("[tcp]\naddress = \n");
    REQUIRE_FALSE(loaded);
    CHECK(loaded.error().what == config_error::kind::unreadable);
    CHECK_THAT(describe(loaded.error()), Contains("test.toml:2:"));
    CHECK_THAT(describe(loaded.error()),
               Contains("Error: ConfigurationError(CannotLoadConfiguration)"));
}

TEST_CASE("config: a value of the wrong kind names place, key, value and accepted form",
          "[server][config]") {
    const std::string text = refusal("[tcp]\naddress = \"localhost:8090\"\nenabled = 1\n");
    CHECK_THAT(text, Contains("test.toml:2:11: tcp.address = \"localhost:8090\": \"localhost\" is "
                              "not an IP address; accepted: an IP address and a port"));
    CHECK_THAT(text, Contains("test.toml:3:11: tcp.enabled = 1: it is neither true nor false; "
                              "accepted: true or false"));
}

TEST_CASE("config: every key refuses a value of the wrong kind by its name", "[server][config]") {
    for (const config_key& key : config_keys()) {
        const std::string path{key.path};
        CAPTURE(path);
        CHECK_THAT(refusal(path + " = 1979-05-27\n"),
                   Contains(path + " = ") && Contains("; accepted: "));
    }
}

TEST_CASE("config: a section that is given a value is refused", "[server][config]") {
    CHECK_THAT(refusal("tcp = 5\n"), Contains("test.toml:1:7: tcp = 5: it is a section"));
    CHECK_THAT(refusal("tcp.address = { port = 1 }\n"), Contains("tcp.address = { port = 1 }"));
}

TEST_CASE("config: secrets never show in messages", "[server][config]") {
    const std::string text = refusal("system.encryption.key = 12345\n");
    CHECK_THAT(text, Contains("system.encryption.key = ******") && !Contains("12345"));
    const auto loaded = load("", {{"IGGY_HTTP_JWT_ENCODING_SECRET", "hunter2"}});
    REQUIRE(loaded);
    CHECK(has_notice(*loaded, false, "IGGY_HTTP_JWT_ENCODING_SECRET value changed to: ******"));
    CHECK_FALSE(has_notice(*loaded, true, "hunter2"));
}

TEST_CASE("config: a changed key that has no effect yet is said", "[server][config]") {
    const auto loaded = load("data_maintenance.messages.cleaner_enabled = true\n");
    REQUIRE(loaded);
    CHECK(has_notice(*loaded, true,
                     "data_maintenance.messages.cleaner_enabled = true has no effect yet"));
}

TEST_CASE("config: the file is found in the directory or above it", "[server][config]") {
    const scratch_directory scratch;
    scratch.write("configs/server.toml", "tcp.address = \"127.0.0.1:1234\"\n");
    scratch.write("a/b/marker", "");
    const auto found = load_config({}, some_host(), scratch / "a/b");
    REQUIRE(found);
    CHECK(found->config.tcp.address.port == 1234);
    CHECK(has_notice(*found, false, "Configuration loaded from file: "));
}

TEST_CASE("config: a named file that is absent is a warning, a broken one an error",
          "[server][config]") {
    const scratch_directory scratch;
    const auto absent =
        load_config({{"IGGY_CONFIG_PATH", "no-such-file.toml"}}, some_host(), scratch.path());
    REQUIRE(absent);
    CHECK(has_notice(*absent, true, "no-such-file.toml not found; the defaults are used"));

    const auto broken = scratch.write("broken.toml", "[tcp\n");
    const auto refused =
        load_config({{"IGGY_CONFIG_PATH", broken.string()}}, some_host(), scratch.path());
    REQUIRE_FALSE(refused);
    CHECK_THAT(describe(refused.error()), Contains(broken.string() + ":1:"));

    const auto huge = scratch.write("huge.toml", std::string((1 << 20) + 1, '#'));
    const auto too_large =
        load_config({{"IGGY_CONFIG_PATH", huge.string()}}, some_host(), scratch.path());
    REQUIRE_FALSE(too_large);
    CHECK_THAT(describe(too_large.error()), Contains("larger than 1 MiB"));
}

TEST_CASE("config: the effective configuration is shown unless it is turned off",
          "[server][config]") {
    CHECK(config_is_displayed({}));
    CHECK(config_is_displayed({{"IGGY_DISPLAY_CONFIG", "True"}}));
    CHECK(config_is_displayed({{"IGGY_DISPLAY_CONFIG", "1"}}));
    CHECK_FALSE(config_is_displayed({{"IGGY_DISPLAY_CONFIG", "no"}}));
    CHECK_FALSE(config_is_displayed({{"IGGY_DISPLAY_CONFIG", ""}}));
}
