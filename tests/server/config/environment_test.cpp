#include "config/environment.hpp"

#include <string>
#include <vector>

#include "config/environment_keys.hpp"
#include "config/schema.hpp"
#include "config_support.hpp"
#include "support/catch.hpp"

using namespace iggy::server;
using namespace config_support;
using Catch::Matchers::Contains;

TEST_CASE("environment: names follow from paths", "[server][config]") {
    CHECK(environment_name("system.segment.size") == "IGGY_SYSTEM_SEGMENT_SIZE");
    CHECK(environment_name("tcp.ipv6") == "IGGY_TCP_IPV6");
    CHECK(environment_name("http.jwt.use_base64_secret") == "IGGY_HTTP_JWT_USE_BASE64_SECRET");
}

TEST_CASE("environment: the key decides what a text means", "[server][config]") {
    const auto loaded = load("", {{"IGGY_CLUSTER_NAME", "123"},
                                  {"IGGY_TCP_SOCKET_SEND_BUFFER_SIZE", "666666"},
                                  {"IGGY_SYSTEM_SHARDING_CPU_ALLOCATION", "2"},
                                  {"IGGY_SYSTEM_SEGMENT_CACHE_INDEXES", "FALSE"},
                                  {"IGGY_MESSAGE_SAVER_INTERVAL", "2 s"},
                                  {"IGGY_HTTP_CORS_ALLOWED_ORIGINS", "[a, \"b,c\", d]"},
                                  {"IGGY_PERSONAL_ACCESS_TOKEN_MAX_TOKENS_PER_USER", "7"}});
    REQUIRE(loaded);
    CHECK(loaded->config.cluster.name == "123");
    CHECK(loaded->config.tcp.socket.send_buffer_size == 666666);
    CHECK(loaded->config.system.sharding.cpu_allocation.count == 2);
    CHECK(loaded->config.system.segment.cache_indexes == index_caching::none);
    CHECK(loaded->config.http.cors.allowed_origins == std::vector<std::string>{"a", "b,c", "d"});
    CHECK(loaded->config.personal_access_token.max_tokens_per_user == 7);
}

TEST_CASE("environment: a text that its key cannot take is refused by the variable's name",
          "[server][config]") {
    CHECK_THAT(refusal("", {{"IGGY_TCP_ADDRESS", "nowhere"}}),
               Contains("IGGY_TCP_ADDRESS: tcp.address = nowhere: it has no port"));
    CHECK_THAT(refusal("", {{"IGGY_HEARTBEAT_INTERVAL", "5"}}), Contains("has no unit"));
    CHECK_THAT(refusal("", {{"IGGY_HTTP_CORS_ALLOWED_ORIGINS", "a,b"}}), Contains("brackets"));
    CHECK_THAT(refusal("", {{"IGGY_SYSTEM_PATH", "\xff"}}), Contains("UTF-8"));
}

TEST_CASE("environment: an empty variable counts as not set", "[server][config]") {
    const auto loaded = load("tcp.address = \"127.0.0.1:5\"", {{"IGGY_TCP_ADDRESS", ""}});
    REQUIRE(loaded);
    CHECK(loaded->config.tcp.address.port == 5);
}

TEST_CASE("environment: indexed variables build a list that replaces the configured one",
          "[server][config]") {
    const auto loaded = load("", {{"IGGY_CLUSTER_NODE_OTHERS_0_NAME", "b"},
                                  {"IGGY_CLUSTER_NODE_OTHERS_0_IP", "10.0.0.2"},
                                  {"IGGY_CLUSTER_NODE_OTHERS_0_PORTS_TCP", "9000"},
                                  {"IGGY_CLUSTER_NODE_OTHERS_1_NAME", "c"},
                                  {"IGGY_CLUSTER_NODE_OTHERS_1_IP", "10.0.0.3"},
                                  {"IGGY_HTTP_JWT_TRUSTED_ISSUERS_0_ISSUER", "i"},
                                  {"IGGY_HTTP_JWT_TRUSTED_ISSUERS_0_AUDIENCE", "a"},
                                  {"IGGY_HTTP_JWT_TRUSTED_ISSUERS_0_JWKS_URL", "u"},
                                  {"IGGY_HTTP_JWT_TRUSTED_ISSUERS_0_USER_ID", "4"}});
    REQUIRE(loaded);
    const auto& others = loaded->config.cluster.node.others;
    REQUIRE(others.size() == 2);
    CHECK(others[0] == cluster_config::other_node{"b", "10.0.0.2", {9000, {}, {}, {}}});
    CHECK(others[1] == cluster_config::other_node{"c", "10.0.0.3", {}});
    CHECK(loaded->config.http.jwt.trusted_issuers ==
          std::vector<trusted_issuer>{{"i", "a", "u", 4}});
}

TEST_CASE("environment: a gap in indexed variables is refused", "[server][config]") {
    CHECK_THAT(refusal("", {{"IGGY_CLUSTER_NODE_OTHERS_1_NAME", "c"},
                            {"IGGY_CLUSTER_NODE_OTHERS_1_IP", "10.0.0.3"}}),
               Contains("entry 0 has no name"));
}

TEST_CASE("environment: unknown IGGY_ variables are warned of with similar names",
          "[server][config]") {
    const auto warnings = unknown_variables({{"IGGY_TCP_ADRESS", "x"},
                                             {"IGGY_CLUSTER_NODE_OTHERS_10_NAME", "x"},
                                             {"IGGY_CONFIG_PATH", "x"},
                                             {"IGGY_ENV_PATH", "x"},
                                             {"IGGY_ROOT_PASSWORD", "x"},
                                             {"IGGY_CONNECTORS_SINK_A", "x"},
                                             {"OTHER", "x"}});
    REQUIRE(warnings.size() == 2);
    CHECK_THAT(warnings[1], Contains("unknown environment variable IGGY_TCP_ADRESS is ignored; did "
                                     "you mean IGGY_TCP_ADDRESS"));
}

TEST_CASE("environment: dotenv text is read line by line", "[server][config]") {
    const environment read = parse_dotenv(
        "# comment\nA=1\nexport B = two words # comment\nC='$x "
        "#y'\nD=\"a\\n\\\"b\\\"\"\nnothing\n=x\nE=");
    CHECK(
        read ==
        environment{{"A", "1"}, {"B", "two words"}, {"C", "$x #y"}, {"D", "a\n\"b\""}, {"E", ""}});
}

TEST_CASE("environment: dotenv files fill what is not set", "[server][config]") {
    const scratch_directory scratch;
    scratch.write(".env", "A=file\nB=file\n");
    scratch.write("deep/er/marker", "");
    const auto named = scratch.write("named.env", "A=named\n");

    environment above{{"A", "set"}};
    CHECK_THAT(load_dotenv(above, scratch / "deep/er").value_or(""),
               Contains("from .env file at path: "));
    CHECK(above == environment{{"A", "set"}, {"B", "file"}});

    environment by_name{{"IGGY_ENV_PATH", named.string()}};
    CHECK_THAT(load_dotenv(by_name, scratch.path()).value_or(""),
               Contains("Loaded environment variables from path: "));
    CHECK(by_name.at("A") == "named");
    CHECK(by_name.count("B") == 0);

    environment missing{{"IGGY_ENV_PATH", "/no/such/file"}};
    CHECK_THAT(load_dotenv(missing, scratch.path()).value_or(""), Contains("Cannot read"));
    CHECK(missing.count("A") == 0);
}
