#include <algorithm>
#include <string>
#include <vector>

#include "parse_arguments.hpp"
#include "support/catch.hpp"

using namespace iggy::cli;
using namespace std::chrono_literals;
namespace protocol = iggy::protocol;

namespace {

using words = std::vector<std::string>;

arguments parsed(const words& line) {
    auto read = parse_arguments(line);
    if (const auto* message = std::get_if<parse_message>(&read)) {
        FAIL(message->text);
    }
    return std::get<arguments>(std::move(read));
}

template <class Command>
Command command_of(const words& line) {
    auto read = parsed(line);
    REQUIRE(std::holds_alternative<Command>(read.command));
    return std::get<Command>(std::move(read.command));
}

std::string refused(const words& line) {
    const auto read = parse_arguments(line);
    std::string shown;
    for (const auto& word : line) {
        shown += word + " ";
    }
    INFO(shown);
    REQUIRE(std::holds_alternative<parse_message>(read));
    const auto& message = std::get<parse_message>(read);
    CHECK(message.exit_code == 2);
    CHECK_THAT(message.text, Catch::StartsWith("error: ") && Catch::Contains("\nUsage: iggy"));
    return message.text;
}

std::string help(const words& line) {
    const auto read = parse_arguments(line);
    REQUIRE(std::holds_alternative<parse_message>(read));
    CHECK(std::get<parse_message>(read).exit_code == 0);
    return std::get<parse_message>(read).text;
}

}  // namespace

TEST_CASE("arguments: nothing at all asks for the overview", "[cli]") {
    CHECK(std::holds_alternative<no_command>(parsed({}).command));
    CHECK_THAT(overview(), Catch::Contains("\nUsage: iggy [OPTIONS] [COMMAND]\n\nCommands:\n") &&
                               Catch::Contains("[aliases: s]") &&
                               Catch::Contains("\n\n\nRun 'iggy --help' for full help message.\n"
                                               "Run 'iggy COMMAND --help' for more information on "
                                               "a command.\n\n") &&
                               Catch::EndsWith("https://iggy.apache.org\n"));
}

TEST_CASE("arguments: global options stand before the command only", "[cli]") {
    const auto read =
        parsed({"--tcp-server-address", "h:1", "--tcp-reconnection-max-retries", "7",
                "--tcp-reconnection-interval", "250ms", "-q", "-u", "iggy", "-p", "pw", "me"});
    CHECK(read.quiet);
    CHECK(read.connection.tcp_server_address == "h:1");
    CHECK(read.connection.tcp_retries == 7U);
    CHECK(read.connection.tcp_retry_interval == 250ms);
    CHECK(read.connection.username == "iggy");
    CHECK(read.connection.password == "pw");
    refused({"me", "-q"});
    refused({"stream", "list", "--transport", "tcp"});
}

TEST_CASE("arguments: options of other transports are accepted", "[cli]") {
    CHECK_NOTHROW(command_of<ping_command>({"--quic-initial-mtu", "1200", "--http-retries", "1",
                                            "--websocket-server-address", "h:1",
                                            "--quic-validate-certificate", "ping"}));
}

TEST_CASE("arguments: user, token and token name exclude each other", "[cli]") {
    refused({"-u", "a", "-t", "b", "me"});
    refused({"-u", "a", "-n", "b", "me"});
    refused({"-t", "a", "-n", "b", "me"});
}

TEST_CASE("arguments: commands have aliases", "[cli]") {
    CHECK(command_of<stream_create_command>({"s", "c", "prod"}).name == "prod");
    CHECK(command_of<topic_list_command>({"t", "l", "1"}).stream.id.number() == 1);
    CHECK(command_of<segment_delete_command>({"seg", "d", "1", "2", "3", "4"}).count == 4);
    CHECK(command_of<cluster_metadata_command>({"cl", "m", "-l", "list"}).mode == list_mode::list);
}

TEST_CASE("arguments: a value may be the name of a command", "[cli]") {
    CHECK(command_of<stream_create_command>({"stream", "create", "stats"}).name == "stats");
    CHECK(command_of<stream_create_command>({"stream", "create", "create"}).name == "create");
    const auto send =
        command_of<message_send_command>({"message", "send", "stream", "topic", "ping", "server"});
    CHECK(send.at.stream.text == "stream");
    CHECK(send.messages == words{"ping", "server"});
}

TEST_CASE("arguments: messages arrive as they were typed", "[cli]") {
    const words messages{"[1,2,3]", "{}", "[]", "a,b", "", "\"quoted\"", "--x", "%%", "a=b"};
    words line{"message", "send", "s", "t", "--"};
    line.insert(line.end(), messages.begin(), messages.end());
    CHECK(command_of<message_send_command>(line).messages == messages);
    CHECK(command_of<message_send_command>({"message", "send", "s", "t", "[1,2]", "{}"}).messages ==
          words{"[1,2]", "{}"});
}

TEST_CASE("arguments: identifiers keep the text that was typed", "[cli]") {
    const auto get = command_of<topic_get_command>({"topic", "get", "007", "sensors"});
    CHECK(get.at.stream.text == "007");
    CHECK(get.at.stream.id.number() == 7);
    CHECK(get.at.topic.id.name() == "sensors");
    refused({"stream", "get", ""});
    refused({"stream", "get", std::string(256, 'x')});
}

TEST_CASE("arguments: topic settings have defaults and are read", "[cli]") {
    const auto plain = command_of<topic_create_command>({"topic", "create", "s", "t", "3", "none"});
    CHECK(plain.partitions_count == 3);
    CHECK(plain.settings.message_expiry.is_server_default());
    CHECK(plain.settings.max_size.is_server_default());
    CHECK(plain.settings.replication_factor == 1);

    const auto full =
        command_of<topic_create_command>({"topic", "create", "-m", "10GB", "-r", "2", "-t", "9",
                                          "s", "t", "1", "gzip", "1day", "1hour"});
    CHECK(full.settings.compression == protocol::compression_algorithm::gzip);
    CHECK(full.settings.message_expiry.life() == 25h);
    CHECK(full.settings.max_size.raw() == 10'000'000'000);
    CHECK(full.settings.replication_factor == 2);
}

TEST_CASE("arguments: expiry words add up, never is neutral, the server's default wins", "[cli]") {
    const auto kept = [](const words& expiry_words) {
        words line{"topic", "update", "s", "t", "n", "none"};
        line.insert(line.end(), expiry_words.begin(), expiry_words.end());
        return command_of<topic_update_command>(line).settings.message_expiry;
    };
    CHECK(kept({"unlimited"}).is_never());
    CHECK(kept({"1s", "unlimited"}).life() == 1s);
    CHECK(kept({"unlimited", "1s", "2s"}).life() == 3s);
    CHECK(kept({"1s", "server_default"}).is_server_default());
    CHECK(kept({"server_default", "1s"}).is_server_default());
    CHECK(kept({}).is_server_default());
    refused({"topic", "update", "s", "t", "n", "none", "soon"});
}

TEST_CASE("arguments: a poll needs exactly one strategy", "[cli]") {
    refused({"message", "poll", "s", "t", "0"});
    refused({"message", "poll", "-f", "-l", "s", "t", "0"});
    refused({"message", "poll", "-o", "1", "-n", "s", "t", "0"});
    const auto poll =
        command_of<message_poll_command>({"message", "poll", "-o", "18446744073709551615", "-m",
                                          "10", "-a", "-c", "me", "-s", "s", "t", "2"});
    CHECK(poll.strategy.kind == protocol::polling_kind::offset);
    CHECK(poll.strategy.value == 18446744073709551615ULL);
    CHECK(poll.count == 10);
    CHECK(poll.auto_commit);
    CHECK(poll.show_headers);
    CHECK(poll.consumer.id.name() == "me");
    CHECK(poll.partition == 2);
    const auto next = command_of<message_poll_command>({"m", "p", "-n", "s", "t", "0"});
    CHECK(next.strategy.kind == protocol::polling_kind::next);
    CHECK(next.consumer.id.number() == 0);
    CHECK(next.count == 1);
}

TEST_CASE("arguments: sending takes a partition or a key, and headers", "[cli]") {
    const auto to = command_of<message_send_command>({"message", "send", "-p", "4", "-H",
                                                      "a:string:x,b:bool:true", "-H", "c:uint8:1",
                                                      "s", "t", "m"});
    CHECK(to.partition == 4U);
    CHECK(to.headers.size() == 3);
    CHECK(command_of<message_send_command>({"m", "s", "-m", "key", "s", "t"}).key == "key");
    refused({"message", "send", "-p", "1", "-m", "k", "s", "t", "m"});
    refused({"message", "send", "--input-file", "f", "s", "t", "m"});
    refused({"message", "send", "-m", "", "s", "t", "m"});
    CHECK_THAT(refused({"message", "send", "-H", "a:what:x", "s", "t", "m"}),
               Catch::Contains("unknown header kind \"what\""));
}

TEST_CASE("arguments: numbers out of their range are refused", "[cli]") {
    refused({"ping", "-c", "0"});
    refused({"ping", "-c", "x"});
    refused({"client", "get", "4294967296"});
    refused({"partition", "create", "s", "t", "0"});
    refused({"partition", "create", "s", "t", "100001"});
    refused({"segment", "delete", "s", "t", "0", "0"});
    refused({"topic", "create", "-r", "256", "s", "t", "1", "none"});
    refused({"topic", "create", "s", "t", "1", "lz4"});
    refused({"consumer-offset", "set", "1", "s", "t", "0", "-1"});
    refused({"--tcp-reconnection-interval", "5", "ping"});
}

TEST_CASE("arguments: offsets are of consumers or of groups", "[cli]") {
    using protocol::consumer_kind;
    CHECK(command_of<offset_get_command>({"o", "g", "1", "s", "t", "0"}).of.kind ==
          consumer_kind::consumer);
    for (const auto* kind : {"consumer-group", "cg"}) {
        const auto set =
            command_of<offset_set_command>({"o", "s", "-k", kind, "1", "s", "t", "2", "30"});
        CHECK(set.of.kind == consumer_kind::group);
        CHECK(set.of.partition == 2);
        CHECK(set.offset == 30);
    }
    refused({"o", "g", "-k", "team", "1", "s", "t", "0"});
}

TEST_CASE("arguments: what is missing, unknown or too much is a wrong command line", "[cli]") {
    refused({"nothing"});
    refused({"stream"});
    refused({"stream", "create"});
    refused({"stream", "create", "a", "b"});
    refused({"stream", "list", "--unknown"});
    CHECK_THAT(refused({"user", "list"}),
               Catch::StartsWith("error: unexpected argument 'user' found\n"));
    CHECK_THAT(refused({"stream", "get", "a", "[b]", "c"}),
               Catch::StartsWith("error: unexpected argument '[b]' found\n"));
}

TEST_CASE("arguments: everything after server belongs to iggy-server", "[cli]") {
    const words all{"[1,2]", "--help", "-x", "stream", "--config=a", "help", "--"};
    words line{"server"};
    line.insert(line.end(), all.begin(), all.end());
    CHECK(command_of<server_command>(line).arguments == all);
    CHECK(command_of<server_command>({"server"}).arguments.empty());
}

TEST_CASE("arguments: help is there at every level, with examples", "[cli]") {
    for (const auto& line : {words{"--help"}, words{"-h"}, words{"help"}}) {
        CHECK_THAT(help(line), Catch::Contains("--tcp-server-address <HOST:PORT>") &&
                                   Catch::Contains("Examples:\n"));
    }
    for (const auto& line : {words{"stream", "create", "--help"}, words{"help", "stream", "create"},
                             words{"stream", "help", "create"}, words{"s", "c", "-h"}}) {
        CHECK_THAT(help(line), Catch::Contains("Usage: iggy stream create [OPTIONS] <NAME>\n") &&
                                   Catch::Contains("Examples:\n  iggy stream create prod\n"));
    }
    CHECK_THAT(help({"help", "stream"}), Catch::Contains("Usage: iggy stream [OPTIONS] <COMMAND>"));
    CHECK_THAT(help({"-V"}), Catch::StartsWith("iggy-cli "));
}

TEST_CASE("arguments: commands that are not there yet are not in the help", "[cli]") {
    const auto text = help({"--help"});
    for (const auto* absent :
         {"consumer-group", "snapshot", "  pat", "  user ", "login", "logout"}) {
        CHECK(text.find(absent) == std::string::npos);
    }
}
