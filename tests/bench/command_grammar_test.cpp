#include "command_grammar.hpp"

#include <vector>

#include "support/catch.hpp"

using namespace iggy::bench;

namespace {

using words = std::vector<std::string>;

bench_command parsed(const words& line) {
    auto read = parse_command_line(line);
    if (const auto* message = std::get_if<parse_message>(&read)) {
        FAIL(message->text);
    }
    return std::get<bench_command>(std::get<any_command>(read));
}

parse_message refused(const words& line) {
    auto read = parse_command_line(line);
    REQUIRE(std::holds_alternative<parse_message>(read));
    return std::get<parse_message>(read);
}

}  // namespace

TEST_CASE("command line: a kind and a transport are enough", "[bench]") {
    const auto read = parsed({"pinned-producer", "tcp"});
    CHECK(read.work.kind == bench_kind::pinned_producer);
    CHECK(read.work.producers == 8);
    CHECK(read.work.consumers == 0);
    CHECK(read.work.streams == 8);
    CHECK(read.work.batches == 1000);
    CHECK(read.work.message_bytes.least == 1000);
    CHECK(read.work.batch_messages.greatest == 1000);
    CHECK(read.server.address == "127.0.0.1:8090");
    CHECK_FALSE(read.output);
}

TEST_CASE("command line: an option means what the word before it says", "[bench]") {
    const auto read = parsed({"-p",          "secret", "-T",    "8MB",       "-m",
                              "10..20",      "ppc",    "-p",    "3",         "-c",
                              "2",           "-T",     "1 GiB", "tcp",       "--server-address",
                              "localhost:1", "output", "-o",    "somewhere", "--remark",
                              "a b"});
    CHECK(read.server.password == "secret");
    CHECK(read.work.producers == 3);
    CHECK(read.work.consumers == 2);
    CHECK(read.work.streams == 3);
    CHECK(read.work.user_bytes == 8'000'000);
    CHECK_FALSE(read.work.batches);
    CHECK(read.work.message_bytes.least == 10);
    CHECK(read.work.message_bytes.greatest == 20);
    CHECK(read.work.topic_bytes_max == iggy::topic_size::from_raw(1 << 30));
    CHECK(read.server.address == "localhost:1");
    REQUIRE(read.output);
    CHECK(read.output->directory == "somewhere");
    CHECK(read.output->remark == "a b");
}

TEST_CASE("command line: it is shown without the password", "[bench]") {
    CHECK(parsed({"-p", "secret", "pp", "-p", "3", "tcp"}).words ==
          "iggy-bench -p *** pp -p 3 tcp");
    CHECK(parsed({"--password=secret", "pp", "tcp"}).words == "iggy-bench --password=*** pp tcp");
    CHECK(parsed({"-T", "8 MB", "pp", "tcp"}).words == "iggy-bench -T '8 MB' pp tcp");
}

TEST_CASE("command line: what does not fit is refused with exit code 2", "[bench]") {
    const std::pair<words, const char*> lines[] = {
        {{}, "required"},
        {{"pinned-producer"}, "required"},
        {{"pp", "http"}, "http"},
        {{"-b", "0", "pp", "tcp"}, "invalid value '0'"},
        {{"-b", "1", "-T", "1MB", "pp", "tcp"}, "excludes"},
        {{"-m", "5..4", "pp", "tcp"}, "A <= B"},
        {{"-m", "64000001", "pp", "tcp"}, "at most 64000000"},
        {{"-T", "1999", "pp", "tcp"}, "twice the message size"},
        {{"-t", "0s", "pp", "tcp"}, "--sampling-time"},
        {{"pp", "-s", "2", "-p", "3", "tcp"}, "must be equal"},
        {{"pc", "-s", "2", "-c", "3", "tcp"}, "must be equal"},
        {{"ppc", "-p", "2", "-c", "3", "tcp"}, "more --consumers than --streams"},
        {{"ppc", "-R", "0", "tcp"}, "greater than 0"},
        {{"--limit-turns", "3", "pp", "tcp"}, "--limit"},
        {{"--limit", "-r", "1MB", "pp", "tcp"}, "no share"},
        {{"--limit", "-b", "4", "pp", "tcp"}, "fewer --limit-turns"},
        {{"--limit", "-m", "1..2", "pc", "tcp"}, "messages of one size"},
        {{"-P", "1..2", "limit"}, "batches of one size"},
        {{"bare-server"}, "DIRECTORY"},
    };
    for (const auto& [line, why] : lines) {
        const auto message = refused(line);
        CAPTURE(message.text);
        CHECK(message.exit_code == 2);
        CHECK(message.text.find(why) != std::string::npos);
    }
}

TEST_CASE("command line: the limit takes sizes and place from the words before it", "[bench]") {
    const auto read = parse_command_line(words{"-m", "5", "--json", "--limit-synced",
                                               "--limit-directory", "here", "limit", "-c", "3"});
    const auto limit = std::get<limit_command>(std::get<any_command>(read));
    CHECK(limit.connections == 3);
    CHECK(limit.message_bytes == 5);
    CHECK(limit.batch_messages == std::vector<std::uint32_t>{1, 10, 100, 1000});
    CHECK(limit.limit.synced);
    CHECK(limit.limit.place == "here");
    CHECK(limit.json);
    const auto one = parse_command_line(words{"-P", "7", "limit"});
    CHECK(std::get<limit_command>(std::get<any_command>(one)).batch_messages ==
          std::vector<std::uint32_t>{7});
}

TEST_CASE("command line: help, version and examples are no errors", "[bench]") {
    for (const auto& line :
         {words{"--help"}, words{"pp", "--help"}, words{"--version"}, words{"examples"}}) {
        const auto message = refused(line);
        CHECK(message.exit_code == 0);
        CHECK(message.text.find("iggy-bench") != std::string::npos);
    }
}
