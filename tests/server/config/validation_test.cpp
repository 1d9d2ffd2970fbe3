#include <string>
#include <utility>
#include <vector>

#include "config/resolve.hpp"
#include "config_support.hpp"
#include "support/catch.hpp"

using namespace iggy::server;
using namespace config_support;
using Catch::Matchers::Contains;

TEST_CASE("validation: what cannot be is refused in the words of the rule", "[server][config]") {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"system.memory_pool.size = \"0\"",
         "Configured system.memory_pool.enabled is true and system.memory_pool.size is 0"},
        {"system.memory_pool.size = \"32 MiB\"",
         "Configured system.memory_pool.size 33554432 B (32 MiB) is less than minimum 67108864 B, "
         "(64 MiB)"},
        {"system.memory_pool.size = \"67108865\"",
         "Configured system.memory_pool.size 67108865 B is not a multiple of default page size "
         "4096 B"},
        {"system.memory_pool.bucket_capacity = 64",
         "Configured system.memory_pool.buffers 64 is less than minimum 128"},
        {"system.memory_pool.bucket_capacity = 129",
         "Configured system.memory_pool.buffers 129 is not a power of 2"},
        {"data_maintenance.messages = { cleaner_enabled = true, interval = \"0\" }",
         "data_maintenance.messages.interval cannot be zero when cleaner is enabled"},
        {"message_saver.interval = \"0\"", "message_saver.interval cannot be zero"},
        {"personal_access_token.max_tokens_per_user = 0",
         "personal_access_token.max_tokens_per_user cannot be 0"},
        {"personal_access_token.cleaner.interval = \"none\"",
         "personal_access_token.cleaner.interval cannot be zero when cleaner is enabled"},
        {"system.segment.size = \"2 GiB\"",
         "Configured system.segment.size 2147483648 B is greater than maximum 1073741824 B"},
        {"system.segment.size = \"1000\"",
         "Configured system.segment.size 1000 B is not a multiple of 512 B"},
        {"telemetry = { enabled = true, service_name = \" \" }",
         "telemetry.service_name cannot be empty when telemetry is enabled"},
        {"telemetry = { enabled = true, logs = { endpoint = \"\" } }",
         "telemetry.logs.endpoint cannot be empty when telemetry is enabled"},
        {"telemetry = { enabled = true, traces = { endpoint = \"\" } }",
         "telemetry.traces.endpoint cannot be empty when telemetry is enabled"},
        {"system.sharding.cpu_allocation = 0",
         "Invalid sharding configuration: cpu_allocation count cannot be 0"},
        {"system.sharding.cpu_allocation = 99", "exceeds available CPU cores 8"},
        {"cluster = { enabled = true, name = \" \" }",
         "Invalid cluster configuration: cluster name cannot be empty"},
        {"cluster = { enabled = true, node = { current = { name = \"\" } } }",
         "Invalid cluster configuration: current node name cannot be empty"},
        {"cluster = { enabled = true, node = { current = { name = \"iggy-node-2\" } } }",
         "Invalid cluster configuration: duplicate node name 'iggy-node-2' found"},
        {"cluster.enabled = true\n"
         "cluster.node.others = [{ name = \"\", ip = \"1.1.1.1\", ports = {} }]",
         "Invalid cluster configuration: node name cannot be empty"},
        {"cluster.enabled = true\ncluster.node.others = [{ name = \"b\", ip = \"\", ports = {} }]",
         "Invalid cluster configuration: IP cannot be empty for node 'b'"},
        {"cluster.enabled = true\n"
         "cluster.node.others = [{ name = \"b\", ip = \"1.1.1.1\", ports = { quic = 0 } }]",
         "Invalid cluster configuration: QUIC port cannot be 0 for node 'b'"},
        {"cluster.enabled = true\ncluster.node.others = [\n"
         "{ name = \"b\", ip = \"1.1.1.1\", ports = { tcp = 5 } },\n"
         "{ name = \"c\", ip = \"1.1.1.1\", ports = { tcp = 5 } }]",
         "Invalid cluster configuration: port conflict - 1.1.1.1:5 is already used"},
        {"system.logging.level = \"\"", "system.logging.level is supposed be configured"},
        {"system.logging.retention = \"1ms\"",
         "Configured system.logging.retention 1ms is less than minimum 1 second"},
        {"system.logging.rotation_check_interval = \"0\"",
         "Configured system.logging.rotation_check_interval 0s is less than minimum 1 second"},
        {"system.logging.max_total_size = \"1 MB\"",
         "Configured system.logging.max_total_size 1.00 MB is less than "
         "system.logging.max_file_size 500.00 MB"},
        {"system.topic.max_size = \"0\"",
         "system.topic.max_size cannot be ServerDefault in server config"},
        {"system.topic.message_expiry = \"default\"",
         "system.topic.message_expiry cannot be ServerDefault in server config"},
        {"http.jwt.access_token_expiry = \"default\"",
         "http.jwt.access_token_expiry cannot be ServerDefault when HTTP is enabled"},
        {"http.jwt.algorithm = \"RS256\"", "needs a key pair"},
        {"http.address = \"localhost:1\"\nhttp.tls.enabled = true",
         "http.address = \"localhost:1\" must be an IP address"},
        {"system.topic.max_size = \"1 MiB\"",
         "system.topic.max_size (1048576 B) must be >= system.segment.size (1073741824 B)"},
        {"system.memory.limit = \"1 MiB\"", "is less than the minimum 67108864 B (64 MiB)"},
        {"system.partition = { enforce_fsync = true, durability = \"written\" }",
         "system.partition.durability = \"written\" contradicts system.partition.enforce_fsync"},
        {"tcp.request_bytes_max = \"1 GiB\"\nsystem.memory.limit = \"1 GiB\"",
         "tcp.request_bytes_max = \"1 GiB\" does not fit the memory limit"},
        {"tcp.tls.enabled = true", "tcp.tls.enabled = true is not available in this version"},
        {"system.encryption.enabled = true", "system.encryption.enabled = true is not available"},
    };
    for (const auto& [toml, line] : cases) {
        CAPTURE(toml);
        const std::string text = refusal(toml);
        CHECK_THAT(text, Contains(line));
        CHECK_THAT(text, Contains("Error: ConfigurationError(InvalidConfigurationValue)"));
    }
}

TEST_CASE("validation: keys with bounds of their own refuse what is outside", "[server][config]") {
    for (const std::string toml : {
             "system.partition.messages_required_to_save = 0",
             "system.partition.messages_required_to_save = -1",
             "system.partition.messages_required_to_save = 4294967296",
             "system.partition.size_of_messages_required_to_save = \"0\"",
             "system.partition.durability = \"sometimes\"",
             "system.io.engine = \"aio\"",
             "system.stream.path = \"a/b\"",
             "system.topic.path = \"..\"",
             "system.path = \" \"",
             "heartbeat.interval = \"0\"",
             "http.cors.allowed_methods = [\"BREW\"]",
             "http.jwt.algorithm = \"hs256\"",
             "http.metrics.endpoint = \"metrics\"",
             "http.jwt.trusted_issuers = [{ issuer = \"a\" }]",
             "cluster.node.others = [{ name = \"a\", ip = \"b\" }]",
             "cluster.node.others = [{ name = \"a\", ip = \"b\", ports = { tcp = 65536 } }]",
             "cluster.node.others = [{ name = \"a\", ip = \"b\", ports = {}, more = 1 }]",
             "tcp.socket.recv_buffer_size = \"3 GiB\"",
             "tcp.request_bytes_max = \"1 KiB\"",
             "quic.initial_mtu = \"100 KB\"",
         }) {
        CAPTURE(toml);
        CHECK_THAT(refusal(toml), Contains("; accepted: "));
    }
}

TEST_CASE("validation: all faults are reported at once", "[server][config]") {
    const std::string text =
        refusal("system.segment.size = \"1000\"\nsystem.sharding.cpu_allocation = 0\n");
    CHECK_THAT(text, Contains("system.segment.size") && Contains("cpu_allocation"));
}

TEST_CASE("memory limit: ours wins, then upstream's, then a quarter of the memory",
          "[server][config]") {
    const auto limit = [](const std::string& toml) {
        return load(toml).value().config.system.memory.limit;
    };
    CHECK(limit("") == 2ULL << 30U);
    CHECK(limit("system.memory_pool.size = \"1 GiB\"") == 1ULL << 30U);
    CHECK(limit("system.memory.limit = \"auto\"\nsystem.memory_pool.size = \"1 GiB\"") ==
          1ULL << 30U);
    CHECK(limit("system.memory.limit = \"256 MiB\"\nsystem.memory_pool.size = \"1 GiB\"") ==
          256ULL << 20U);
    CHECK(limit("system.memory_pool = { size = \"1 GiB\", enabled = false }") == 2ULL << 30U);
    CHECK(load("system.memory.limit = \"64 MiB\"").value().config.tcp.request_bytes_max ==
          32ULL << 20U);
    CHECK(load("").value().config.tcp.request_bytes_max == 128ULL << 20U);
}

TEST_CASE("durability: enforce_fsync means synced", "[server][config]") {
    const auto level = [](const std::string& toml) {
        return load(toml).value().config.system.partition.durability;
    };
    CHECK(level("system.partition.enforce_fsync = true") == iggy::durability::synced);
    CHECK(level("system.partition.durability = \"memory\"") == iggy::durability::memory);
    CHECK(level("system.partition = { enforce_fsync = true, durability = \"synced\" }") ==
          iggy::durability::synced);
}
