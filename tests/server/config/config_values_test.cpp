#include <string>
#include <vector>

#include "config/cpu_allocation.hpp"
#include "config/listen_address.hpp"
#include "config/similar_names.hpp"
#include "config/toml_text.hpp"
#include "config_support.hpp"
#include "support/catch.hpp"

using namespace iggy::server;
using namespace config_support;
using Catch::Matchers::Contains;

TEST_CASE("listen address: literals with ports are read and shown again", "[server][config]") {
    for (const std::string text : {"127.0.0.1:8090", "0.0.0.0:0", "[::]:65535", "[fe80::1]:1"}) {
        CHECK(format_address(parse_ip_address(text).value()) == text);
    }
    for (const std::string text :
         {"", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "::1:80", "localhost:80",
          "[127.0.0.1]:80", "1.2.3:80", ":80", "127.0.0.1:-1", "127.0.0.1:8 "}) {
        CAPTURE(text);
        CHECK_FALSE(parse_ip_address(text));
    }
    CHECK(parse_host_address("localhost:80").value() == listen_address{"localhost", 80});
    CHECK_FALSE(parse_host_address("bad host:80"));
    CHECK_FALSE(parse_host_address(":80"));
}

TEST_CASE("cpu allocation: every form is read and shown again", "[server][config]") {
    for (const std::string text : {"all", "3", "1..4", "numa:auto", "numa:cores=4;no_ht=true",
                                   "numa:nodes=0,2;cores=1;no_ht=false"}) {
        CHECK(format_cpu_allocation(parse_cpu_allocation(text).value()) == text);
    }
    CHECK(parse_cpu_allocation("numa:nodes=;cores=4;no_ht=true").value().numa_cores == 4);
    for (const std::string text : {"", "All", " 3", "-1", "1..", "1..x", "numa:", "numa:x=1",
                                   "numa:cores", "numa:cores=x", "numa:no_ht=yes", "4294967296"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_cpu_allocation(text));
    }
}

TEST_CASE("cpu allocation: shards get the CPUs that the form names", "[server][config]") {
    const auto cpus = [](const std::string& text) {
        return shard_cpus(parse_cpu_allocation(text).value(), some_host()).value();
    };
    using numbers = std::vector<std::uint32_t>;
    CHECK(cpus("all") == numbers{0, 1, 2, 3, 4, 5, 6, 7});
    CHECK(cpus("2") == numbers{0, 1});
    CHECK(cpus("3..5") == numbers{3, 4});
    CHECK(cpus("numa:auto") == numbers{0, 2, 4, 6});
    CHECK(cpus("numa:cores=3") == numbers{0, 2, 4});
    CHECK(cpus("numa:no_ht=false") == numbers{0, 1, 2, 3, 4, 5, 6, 7});
    const auto reason = [](const std::string& text) {
        return shard_cpus(parse_cpu_allocation(text).value(), some_host()).error().reason;
    };
    CHECK_THAT(reason("0"), Contains("cpu_allocation count cannot be 0"));
    CHECK_THAT(reason("9"), Contains("cpu_allocation count 9 exceeds available CPU cores 8"));
    CHECK_THAT(reason("3..3"), Contains("range 3..3 is invalid (start must be less than end)"));
    CHECK_THAT(reason("3..9"), Contains("range 3..9 exceeds available CPU cores (max: 8)"));
    CHECK_THAT(reason("numa:cores=5"), Contains("asks for 5 CPU cores and 4 are available"));
}

TEST_CASE("host facts: this machine has a CPU and memory", "[server][config]") {
    const host_facts host = this_host();
    CHECK_FALSE(host.cpus.empty());
    CHECK_FALSE(host.first_cpus.empty());
    CHECK(host.memory_bytes > 0);
}

TEST_CASE("similar names: near ones first, far ones not at all", "[server][config]") {
    const std::vector<std::string> names{"size", "sizes", "side", "path", "something_else"};
    CHECK(similar_names("size", names) == std::vector<std::string>{"size", "side", "sizes"});
    CHECK(similar_names("completely_different_name", names).empty());
    CHECK(did_you_mean({}).empty());
    CHECK(did_you_mean({"a", "b"}) == "; did you mean a or b?");
}

TEST_CASE("toml text: quotes, backslashes and control characters are escaped", "[server][config]") {
    CHECK(toml_string("a\"b\\c\n\t\x01") == "\"a\\\"b\\\\c\\n\\t\\u0001\"");
    CHECK(toml_string_list({"a", "b"}) == "[\"a\", \"b\"]");
}
