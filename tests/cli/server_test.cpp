// The real `iggy` against a real `iggy-server`: whole standard output of the commands.

#include <filesystem>
#include <fstream>
#include <regex>

#include <iggy/client/client.hpp>
#include <nlohmann/json.hpp>

#include "support/catch.hpp"
#include "support/served.hpp"

using namespace iggy::test;

namespace {

/// A server with one stream `prod` and its topic `events` of two partitions, and `iggy` logged in
/// to it as root.
class fixture {
public:
    fixture() {
        auto root = client();
        root.create_stream("prod").value();
        root.create_topic({.stream = "prod", .partitions_count = 2, .name = "events"}).value();
    }

    iggy::client::client client() const {
        return iggy::client::client::connect("iggy://iggy:iggy@" + at_.server.address()).value();
    }

    run_outcome run(std::vector<std::string> arguments, const std::string& input = {}) const {
        child_options program;
        program.program = IGGY_TEST_CLI_PROGRAM;
        program.arguments = {"--tcp-server-address", at_.server.address()};
        program.arguments.insert(program.arguments.end(), arguments.begin(), arguments.end());
        program.environment = {{"IGGY_HOME", (at_.dir / "home").string()},
                               {"IGGY_USERNAME", "iggy"},
                               {"IGGY_PASSWORD", "iggy"},
                               {"TZ", "UTC"}};
        return run_program(program, input);
    }

    /// Standard output of a command that succeeds.
    std::string operator()(std::vector<std::string> arguments,
                           const std::string& input = {}) const {
        const auto ran = run(std::move(arguments), input);
        CHECK(ran.err == "");
        CHECK(ran.exit_code == 0);
        return ran.out;
    }

    /// Standard error of a command that fails after it was announced by `out`.
    std::string failure(std::vector<std::string> arguments, const std::string& out) const {
        const auto ran = run(std::move(arguments));
        CHECK(ran.exit_code == 1);
        CHECK(ran.out == out);
        return ran.err;
    }

    std::string address() const { return at_.server.address(); }
    std::filesystem::path path(const std::string& name) const { return at_.dir / name; }

private:
    served at_;
};

/// The text with every time, connection number, address and duration replaced by a word.
std::string steady(std::string text) {
    const std::pair<std::regex, const char*> replaced[] = {
        {std::regex{R"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6})"}, "TIME"},
        {std::regex{R"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)"}, "TIME"},
        {std::regex{R"(it took [^\n]+)"}, "it took DURATION"},
        {std::regex{R"(127\.0\.0\.1:\d+)"}, "ADDRESS"},
        {std::regex{R"(\d{10,})"}, "NUMBER"},
        {std::regex{R"(\d+\.\d+ ms)"}, "DURATION"},
    };
    for (const auto& [what, with] : replaced) {
        text = std::regex_replace(text, what, with);
    }
    return text;
}

/// `steady`, and runs of spaces or dashes made one: widths follow the replaced values.
std::string steady_table(std::string text) {
    text = std::regex_replace(steady(std::move(text)), std::regex{" {2,}"}, " ");
    text = std::regex_replace(text, std::regex{"-{2,}"}, "-");
    return std::regex_replace(text, std::regex{"={2,}"}, "=");
}

}  // namespace

TEST_CASE_METHOD(fixture, "iggy on a server: streams are created, shown, changed and deleted",
                 "[cli][server]") {
    auto& iggy = *this;
    CHECK(iggy({"stream", "create", "dev"}) ==
          "Executing create stream with name: dev and ID auto incremented\n"
          "Stream with name: dev and ID auto incremented created\n");
    CHECK(steady_table(iggy({"stream", "get", "dev"})) ==
          "Executing get stream with ID: dev\n"
          "+-+-+\n"
          "| Property | Value |\n"
          "+=+\n"
          "| Stream ID | 1 |\n"
          "|-+-|\n"
          "| Created | TIME |\n"
          "|-+-|\n"
          "| Stream name | dev |\n"
          "|-+-|\n"
          "| Stream size | 0 B |\n"
          "|-+-|\n"
          "| Stream message count | 0 |\n"
          "|-+-|\n"
          "| Stream topics count | 0 |\n"
          "+-+-+\n");
    CHECK(iggy({"stream", "update", "1", "test"}) ==
          "Executing update stream with ID: 1 and name: test\n"
          "Stream with ID: 1 updated name: test\n");
    CHECK(steady(iggy({"stream", "list", "-l", "list"})) ==
          "Executing list streams in list mode\n"
          "0|TIME|prod|0 B|0|1\n"
          "1|TIME|test|0 B|0|0\n");
    CHECK_THAT(iggy({"stream", "list"}),
               Catch::StartsWith("Executing list streams in table mode\n") &&
                   Catch::Contains("| ID | Created             | Name | Size (B) | Messages | "
                                   "Topics |\n"));
    CHECK(iggy({"stream", "purge", "test"}) ==
          "Executing purge stream with ID: test\nStream with ID: test purged\n");
    CHECK(iggy({"stream", "delete", "test"}) ==
          "Executing delete stream with ID: test\nStream with ID: test deleted\n");
    CHECK(iggy({"stream", "get", "test"}) ==
          "Executing get stream with ID: test\nStream with ID: test was not found\n");
    CHECK_THAT(
        iggy.failure({"stream", "delete", "test"}, "Executing delete stream with ID: test\n"),
        Catch::StartsWith("Error: CommandError(Problem deleting stream with ID: test\n\n"
                          "Caused by:\n    "));
    CHECK_THAT(iggy.failure({"stream", "create", "prod"},
                            "Executing create stream with name: prod and ID auto incremented\n"),
               Catch::StartsWith("Error: CommandError(Problem creating stream (name: prod and ID "
                                 "auto incremented)\n\nCaused by:\n    "));
    CHECK(iggy({"stream", "delete", "0"}) ==
          "Executing delete stream with ID: 0\nStream with ID: 0 deleted\n");
    CHECK(iggy({"stream", "list"}) == "Executing list streams in table mode\nNo streams found!\n");
    CHECK(iggy({"-q", "stream", "list"}).empty());
}

TEST_CASE_METHOD(fixture, "iggy on a server: topics are created, shown, changed and deleted",
                 "[cli][server]") {
    auto& iggy = *this;
    CHECK(iggy({"topic", "create", "-m", "10GB", "-r", "2", "prod", "logs", "3", "gzip", "1day",
                "1hour"}) ==
          "Executing create topic with name: logs, message expiry: 1day 1h, compression algorithm: "
          "gzip, max topic size: 10.00 GB, replication factor: 2 in stream with ID: prod\n"
          "Topic with name: logs, partitions count: 3, compression algorithm: gzip, message "
          "expiry: 1day 1h, max topic size: 10.00 GB, replication factor: 2 created in stream with "
          "ID: prod\n");
    CHECK(steady_table(iggy({"topic", "get", "prod", "logs"})) ==
          "Executing get topic with ID: logs from stream with ID: prod\n"
          "+-+-+\n"
          "| Property | Value |\n"
          "+=+\n"
          "| Topic id | 1 |\n"
          "|-+-|\n"
          "| Created | TIME |\n"
          "|-+-|\n"
          "| Topic name | logs |\n"
          "|-+-|\n"
          "| Topic size | 0 B |\n"
          "|-+-|\n"
          "| Compression | gzip |\n"
          "|-+-|\n"
          "| Message expiry | 1day 1h |\n"
          "|-+-|\n"
          "| Max topic size | 10.00 GB |\n"
          "|-+-|\n"
          "| Topic message count | 0 |\n"
          "|-+-|\n"
          "| Partitions count | 3 |\n"
          "+-+-+\n");
    CHECK(
        iggy({"topic", "update", "prod", "logs", "journal", "none", "unlimited"}) ==
        "Executing update topic with ID: logs, name: journal, message expiry: never_expire, "
        "compression algorithm: none, max topic size: server_default, replication factor: 1, in "
        "stream with ID: prod\n"
        "Topic with ID: logs updated name: journal, updated message expiry: never_expire, updated "
        "compression algorithm: none, updated max topic size: server_default, updated "
        "replication factor: 1 in stream with ID: prod\n");
    CHECK(steady(iggy({"topic", "list", "-l", "list", "prod"})) ==
          "Executing list topics from stream with ID: prod in list mode\n"
          "0|TIME|events|0 B|unlimited|none|unlimited|0|2\n"
          "1|TIME|journal|0 B|unlimited|none|unlimited|0|3\n");
    CHECK(iggy({"topic", "purge", "prod", "1"}) ==
          "Executing purge topic with ID: 1 in stream with ID: prod\n"
          "Topic with ID: 1 in stream with ID: prod purged\n");
    CHECK(iggy({"topic", "delete", "0", "journal"}) ==
          "Executing delete topic with ID: journal in stream with ID: 0\n"
          "Topic with ID: journal in stream with ID: 0 deleted\n");
    CHECK(iggy({"topic", "get", "prod", "journal"}) ==
          "Executing get topic with ID: journal from stream with ID: prod\n"
          "Topic with ID: journal in stream prod was not found\n");
    CHECK_THAT(iggy.failure({"topic", "delete", "prod", "journal"},
                            "Executing delete topic with ID: journal in stream with ID: prod\n"),
               Catch::StartsWith("Error: CommandError(Problem deleting topic with ID: journal in "
                                 "stream prod\n\nCaused by:\n    "));
}

TEST_CASE_METHOD(fixture, "iggy on a server: partitions and segments are added and removed",
                 "[cli][server]") {
    auto& iggy = *this;
    CHECK(iggy({"partition", "create", "prod", "events", "1"}) ==
          "Executing create 1 partition for topic with ID: events and stream with ID: prod\n"
          "Created 1 partition for topic with ID: events and stream with ID: prod\n");
    CHECK(iggy({"partition", "delete", "prod", "events", "2"}) ==
          "Executing delete 2 partitions for topic with ID: events and stream with ID: prod\n"
          "Deleted 2 partitions for topic with ID: events and stream with ID: prod\n");
    CHECK(client().topic("prod", "events").value()->info.partitions_count == 1);
    CHECK(iggy({"segment", "delete", "prod", "events", "0", "2"}) ==
          "Executing delete 2 segments for topic with ID: events, stream with ID: prod and "
          "partition with ID: 0\n"
          "Deleted 2 segments for topic with ID: events, stream with ID: prod and partition with "
          "ID: 0\n");
    CHECK_THAT(
        iggy.failure({"partition", "delete", "prod", "events", "9"},
                     "Executing delete 9 partitions for topic with ID: events and stream with ID: "
                     "prod\n"),
        Catch::StartsWith("Error: CommandError(Problem deleting 9 partitions for topic with ID: "
                          "events and stream with ID: prod\n\nCaused by:\n    "));
}

TEST_CASE_METHOD(fixture, "iggy on a server: messages are sent and polled", "[cli][server]") {
    auto& iggy = *this;
    const std::string sent =
        "Executing send messages to topic with ID: events and stream with ID: prod\n"
        "Sent messages to topic with ID: events and stream with ID: prod\n";
    CHECK(iggy({"message", "send", "-p", "0", "-H", "source:string:lab,level:uint8:3", "prod",
                "events", "[hello]", "world"}) == sent);
    CHECK(iggy({"message", "send", "-p", "0", "prod", "events"}, "line one\r\nline two\n") == sent);
    CHECK(iggy({"message", "flush", "--fsync", "prod", "events", "0"}) ==
          "Executing flush messages from topic with ID: events and stream with ID: prod (partition "
          "with ID: 0) with fsync\n"
          "Flushed messages from topic with ID: events and stream with ID: prod (partition with "
          "ID: 0) with fsync\n");
    const auto polled = steady_table(
        iggy({"message", "poll", "--offset", "1", "-m", "10", "-s", "prod", "events", "0"}));
    CHECK_THAT(
        polled,
        Catch::StartsWith("Executing poll messages from topic ID: events and stream with ID: prod\n"
                          "Polled messages from topic with ID: events and stream with ID: prod "
                          "(from partition with ID: 0)\n"
                          "Polled 3 messages of total size "));
    CHECK_THAT(polled,
               Catch::Contains("| Offset | Timestamp | ID | Length | Payload | Header: source | "
                               "Header: level |\n") &&
                   Catch::Contains("| 1 | TIME | NUMBER | 5 | world | lab | 3 |\n") &&
                   Catch::Contains("| 2 | TIME | NUMBER | 8 | line one | | |\n") &&
                   Catch::Contains("| 3 | TIME | NUMBER | 8 | line two | | |\n"));
    for (const auto& [strategy, payload] :
         {std::pair{"--first", "[hello]"}, std::pair{"--last", "line two"}}) {
        const auto one = steady_table(iggy({"m", "p", strategy, "prod", "events", "0"}));
        CHECK_THAT(one, Catch::Contains("Polled 1 message of total size ") &&
                            Catch::Contains(std::string{"| "} + payload + " |\n"));
    }
    for (const auto* payload : {"[hello]", "world"}) {
        CHECK_THAT(iggy({"m", "p", "-n", "-a", "-c", "reader", "prod", "events", "0"}),
                   Catch::Contains(std::string{"| "} + payload));
    }
    CHECK_THAT(iggy({"m", "p", "-n", "prod", "events", "1"}),
               Catch::Contains("Polled 0 messages of "
                               "total size 0 B"));
    CHECK_THAT(iggy.failure({"message", "send", "-p", "9", "prod", "events", "x"},
                            "Executing send messages to topic with ID: events and stream with ID: "
                            "prod\n"),
               Catch::StartsWith("Error: CommandError(Problem sending messages to topic with ID: "
                                 "events and stream with ID: prod\n\nCaused by:\n    "));
}

TEST_CASE_METHOD(fixture, "iggy on a server: messages travel through a file", "[cli][server]") {
    auto& iggy = *this;
    const auto file = path("messages.bin").string();
    iggy({"message", "send", "-p", "0", "-H", "k:string:v", "prod", "events", "one", "two"});
    const auto stored = iggy(
        {"message", "poll", "--first", "-m", "10", "--output-file", file, "prod", "events", "0"});
    const auto size = std::filesystem::file_size(file);
    CHECK_THAT(stored, Catch::EndsWith("Storing messages to " + file +
                                       " binary file\nStored 2 messages of total size " +
                                       std::to_string(size) + " B to " + file + " binary file\n"));
    CHECK(iggy({"message", "send", "-p", "1", "--input-file", file, "prod", "events"}) ==
          "Executing send messages to topic with ID: events and stream with ID: prod\n"
          "Read " +
              std::to_string(size) + " bytes from " + file +
              " file\n"
              "Created 2 messages using " +
              std::to_string(size) +
              " bytes\n"
              "Sent messages to topic with ID: events and stream with ID: prod\n");

    std::filesystem::resize_file(file, size - 1);
    const auto cut =
        iggy.run({"message", "send", "-p", "1", "--input-file", file, "prod", "events"});
    CHECK(cut.exit_code == 0);
    CHECK_THAT(cut.err, Catch::StartsWith("Failed to parse message from bytes: "));

    auto reader = client();
    iggy::protocol::poll_messages request;
    request.stream = "prod";
    request.topic = "events";
    request.partition = iggy::partition_id{1};
    request.strategy = iggy::protocol::polling_strategy::first();
    request.count = 10;
    const auto batch = reader.poll(request).value();
    std::vector<std::string> texts;
    for (const auto& message : batch) {
        texts.emplace_back(message.text());
        CHECK(message.user_headers().size() == 12);
        CHECK(message.checksum_matches());
    }
    CHECK(texts == std::vector<std::string>{"one", "two", "one"});
}

TEST_CASE_METHOD(fixture, "iggy on a server: consumer offsets are set and read", "[cli][server]") {
    auto& iggy = *this;
    iggy({"message", "send", "-p", "1", "prod", "events", "a", "b", "c"});
    CHECK(
        iggy({"consumer-offset", "get", "7", "prod", "events", "1"}) ==
        "Executing get consumer offset for consumer with ID: 7 for stream with ID: prod and topic "
        "with ID: events and partition with ID: 1\n"
        "Consumer offset for consumer with ID: 7 for stream with ID: prod and topic with ID: "
        "events and partition with ID: 1 was not found\n");
    CHECK(
        iggy({"consumer-offset", "set", "7", "prod", "events", "1", "1"}) ==
        "Executing set consumer offset for consumer with ID: 7 for stream with ID: prod and topic "
        "with ID: events and partition with ID: 1 to 1\n"
        "Consumer offset for consumer with ID: 7 for stream with ID: prod and topic with ID: "
        "events and partition with ID: 1 set to 1\n");
    CHECK(
        iggy({"o", "g", "7", "prod", "events", "1"}) ==
        "Executing get consumer offset for consumer with ID: 7 for stream with ID: prod and topic "
        "with ID: events and partition with ID: 1\n"
        "+----------------+--------+\n"
        "| Property       | Value  |\n"
        "+=========================+\n"
        "| Consumer ID    | 7      |\n"
        "|----------------+--------|\n"
        "| Stream ID      | prod   |\n"
        "|----------------+--------|\n"
        "| Topic ID       | events |\n"
        "|----------------+--------|\n"
        "| Partition ID   | 1      |\n"
        "|----------------+--------|\n"
        "| Current offset | 2      |\n"
        "|----------------+--------|\n"
        "| Stored offset  | 1      |\n"
        "+----------------+--------+\n");
    CHECK_THAT(iggy.failure({"o", "s", "7", "prod", "events", "1", "99"},
                            "Executing set consumer offset for consumer with ID: 7 for stream with "
                            "ID: prod and topic with ID: events and partition with ID: 1 to 99\n"),
               Catch::StartsWith("Error: CommandError(Problem setting consumer offset for consumer "
                                 "with ID: 7 for stream"));
}

TEST_CASE_METHOD(fixture, "iggy on a server: the server and its connections are shown",
                 "[cli][server]") {
    auto& iggy = *this;
    const std::regex pinged{
        "Executing ping command\n"
        "Ping sequence id: 1 time: [0-9]+\\.[0-9]{2} ms\n"
        "\n"
        "Ping statistics for 1 ping commands\n"
        "min/avg/max/mdev = ([0-9]+\\.[0-9]{3}/){3}0\\.000 ms\n"};
    CHECK(std::regex_match(iggy({"ping"}), pinged));
    CHECK(iggy({"-q", "ping"}).empty());

    CHECK_THAT(steady_table(iggy({"me"})), Catch::StartsWith("Executing me command\n") &&
                                               Catch::Contains("| User ID | 0 |\n") &&
                                               Catch::Contains("| Address | ADDRESS |\n") &&
                                               Catch::Contains("| Transport | TCP |\n"));
    CHECK_THAT(iggy({"client", "list"}),
               Catch::StartsWith("Executing list clients in table mode\n") &&
                   Catch::Contains("| User ID | Address") &&
                   Catch::Contains("| Transport | Consumer Groups |\n"));

    auto other = client();
    const auto id = std::to_string(other.me().value().info.id.raw());
    CHECK_THAT(iggy({"client", "get", id}),
               Catch::StartsWith("Executing get client with ID: " + id + "\n") &&
                   Catch::Contains("| Consumer Groups Count | 0 "));
    CHECK(iggy({"client", "get", "1"}) ==
          "Executing get client with ID: 1\nClient with ID: 1 was not found\n");

    CHECK_THAT(iggy({"cluster", "metadata", "-l", "list"}),
               Catch::StartsWith("Executing get cluster metadata in list mode\n"
                                 "Cluster name: single-node\niggy-node|127.0.0.1|") &&
                   Catch::EndsWith("|leader|healthy\n"));
}

TEST_CASE_METHOD(fixture, "iggy on a server: stats come in all formats, also in quiet mode",
                 "[cli][server]") {
    auto& iggy = *this;
    CHECK_THAT(iggy({"stats"}), Catch::StartsWith("Executing stats command\n+---") &&
                                    Catch::Contains("| Streams Count            | 1 "));
    CHECK_THAT(iggy({"-q", "stats", "-o", "list"}),
               Catch::StartsWith("Iggy Server PID|") && Catch::Contains("\nTopics Count|1\n"));
    const auto json = nlohmann::json::parse(iggy({"-q", "stats", "-o", "json"}));
    CHECK(json["partitions_count"] == 2);
    CHECK(json["iggy_server_semver"] == 8000);
    CHECK_THAT(iggy({"-q", "stats", "-o", "toml"}), Catch::Contains("\nstreams_count = 1\n"));
}

TEST_CASE_METHOD(fixture, "iggy on a server: logins come from options, input or nowhere",
                 "[cli][server]") {
    auto& iggy = *this;
    CHECK(iggy({"-u", "iggy", "-p", "iggy", "-q", "me"}).empty());
    CHECK(iggy({"-u", "iggy", "-q", "me"}, "iggy\n").empty());
    CHECK_THAT(iggy.failure({"-u", "iggy", "-p", "wrong", "me"}, ""),
               Catch::StartsWith("Error: CommandError(Problem with server login for username: "
                                 "iggy\n\nCaused by:\n    "));
    CHECK(iggy({"-u", "iggy", "message", "send", "-p", "0", "prod", "events"},
               "iggy\nfirst\nsecond\n") ==
          "Executing send messages to topic with ID: events and stream with ID: prod\n"
          "Sent messages to topic with ID: events and stream with ID: prod\n");
    CHECK(client().topic("prod", "events").value()->info.messages_count == 2);
}

TEST_CASE_METHOD(fixture, "iggy on a server: the example of the client library runs",
                 "[cli][server]") {
    child_options example;
    example.program = IGGY_TEST_CLIENT_EXAMPLE;
    example.arguments = {"iggy://iggy:iggy@" + address()};
    const auto ran = run_program(example);
    CHECK(ran.err.empty());
    CHECK(ran.exit_code == 0);
    CHECK(ran.out == "0 hello\n1 from\n2 C++\n");
}
