// The real `iggy-bench` against a real `iggy-server`: what its reports say.

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>
#include <sstream>
#include <thread>

#include <iggy/client/client.hpp>
#include <nlohmann/json.hpp>

#include "support/catch.hpp"
#include "support/served.hpp"

using namespace iggy::test;
using nlohmann::json;

namespace {

std::vector<std::string> words(const std::string& line) {
    std::istringstream in{line};
    return {std::istream_iterator<std::string>{in}, {}};
}

class fixture {
public:
    run_outcome run(std::vector<std::string> words) const {
        child_options program;
        program.program = IGGY_TEST_BENCH_PROGRAM;
        program.arguments = std::move(words);
        program.environment = {{"TMPDIR", at_.dir.path()}};
        return run_program(program, {}, std::chrono::seconds{100});
    }

    /// A run against this server.
    run_outcome run(const std::string& general_and_kind) const {
        return run(words(general_and_kind + " tcp --server-address " + at_.server.address()));
    }

    /// The report of a run that succeeds.
    json report(const std::string& general, const std::string& kind) const {
        const auto ran = run(general + " --json " + kind);
        CAPTURE(ran.err);
        REQUIRE(ran.exit_code == 0);
        return json::parse(ran.out);
    }

    iggy::client::client client() const {
        return iggy::client::client::connect("iggy://iggy:iggy@" + at_.server.address()).value();
    }

    /// Messages in the partition of a bench stream.
    std::uint64_t stored(const std::string& stream) const {
        return client().topic(stream, "topic-1").value().value().partitions.at(0).messages_count;
    }

    std::string address() const { return at_.server.address(); }
    std::filesystem::path path(const std::string& name) const { return at_.dir / name; }

private:
    served at_;
};

std::vector<std::string> entries_of(const std::filesystem::path& directory) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator{directory}) {
        names.push_back(entry.path().filename().string());
    }
    std::ranges::sort(names);
    return names;
}

double number(const json& object, const std::string& key) { return object.at(key).get<double>(); }

void check_ascending(const json& summary, const std::vector<std::string>& keys) {
    for (std::size_t at = 1; at < keys.size(); ++at) {
        CAPTURE(keys[at], summary.dump());
        CHECK(number(summary, keys[at - 1]) <= number(summary, keys[at]));
    }
}

/// What holds for every report, whatever was measured.
void check_consistent(const json& report) {
    std::map<std::string, std::uint64_t> messages;
    std::map<std::string, std::uint64_t> batches;
    for (const auto& one : report.at("individual_metrics")) {
        const auto& summary = one.at("summary");
        messages[summary.at("actor_kind")] += summary.at("total_messages").get<std::uint64_t>();
        batches[summary.at("actor_kind")] +=
            summary.at("total_message_batches").get<std::uint64_t>();
        CHECK(summary.at("total_bytes").get<std::uint64_t>() ==
              summary.at("total_user_data_bytes").get<std::uint64_t>() +
                  summary.at("total_messages").get<std::uint64_t>() * 64);
        check_ascending(
            summary, {"min_latency_ms", "p50_latency_ms", "p90_latency_ms", "p95_latency_ms",
                      "p99_latency_ms", "p999_latency_ms", "p9999_latency_ms", "max_latency_ms"});
        CHECK(number(summary, "total_time_secs") > 0);
    }
    for (const auto& group : report.at("group_metrics")) {
        const auto& summary = group.at("summary");
        check_ascending(
            summary, {"min_latency_ms", "average_p50_latency_ms", "average_p90_latency_ms",
                      "average_p95_latency_ms", "average_p99_latency_ms", "average_p999_latency_ms",
                      "average_p9999_latency_ms", "max_latency_ms"});
        std::uint64_t expected_messages = 0;
        std::uint64_t expected_batches = 0;
        const std::string kind = summary.at("kind");
        for (const std::string actor : {"producer", "consumer"}) {
            if (kind.find(actor) != std::string::npos) {
                expected_messages += messages[actor];
                expected_batches += batches[actor];
            }
        }
        CHECK(summary.at("total_messages") == expected_messages);
        CHECK(summary.at("total_message_batches") == expected_batches);
        const double rate = number(summary, "total_throughput_messages_per_second");
        const double time = number(summary, "total_time_secs");  // rounded to milliseconds
        CHECK(rate * (time + 0.001) >= static_cast<double>(expected_messages));
        CHECK(rate * (time - 0.001) <= static_cast<double>(expected_messages));
        CHECK_FALSE(group.at("avg_throughput_msg_ts").at("points").empty());
        CHECK(group.contains("latency_distribution"));
    }
    CHECK(report.at("uuid").get<std::string>().size() == 36);
    CHECK(report.at("params").at("message_batches") == batches["producer"] + batches["consumer"]);
    CHECK(number(report.at("costs"), "client_cpu_secs") > 0);
    CHECK(number(report.at("costs"), "server_cpu_secs") > 0);
    CHECK(number(report.at("costs"), "server_peak_memory_bytes") > 1e6);
}

json group(const json& report, const std::string& kind) {
    for (const auto& one : report.at("group_metrics")) {
        if (one.at("summary").at("kind") == kind) {
            return one.at("summary");
        }
    }
    FAIL("no group " + kind);
    return {};
}

}  // namespace

TEST_CASE("iggy-bench: producers send what was asked for, and consumers read all of it",
          "[bench][server]") {
    const fixture at;
    const auto sent = at.report("-m 50 -P 10 -b 30", "pp -p 3");
    check_consistent(sent);
    CHECK(sent.at("individual_metrics").size() == 3);
    CHECK(group(sent, "producers").at("total_messages") == 900);
    CHECK(group(sent, "producers").at("total_message_batches") == 90);
    CHECK(group(sent, "producers").at("total_user_data_bytes") == 45'000);
    CHECK(sent.at("params").at("benchmark_kind") == "pinned_producer");
    CHECK(sent.at("server_stats").at("messages_count") == 900);
    for (const auto* stream : {"bench-stream-1", "bench-stream-2", "bench-stream-3"}) {
        CHECK(at.stored(stream) == 300);
    }

    const auto read = at.report("-m 50 -P 10 -b 30", "pc -c 3");
    check_consistent(read);
    CHECK(group(read, "consumers").at("total_messages") == 900);
    CHECK(group(read, "consumers").at("total_user_data_bytes") == 45'000);
    CHECK(at.stored("bench-stream-1") == 300);
}

TEST_CASE("iggy-bench: consumers end where their stream ends", "[bench][server]") {
    const fixture at;
    at.report("-m 50 -P 10 -b 30", "pp -p 2");
    const auto read = at.report("-P 10 -b 1000", "pc -c 2");
    check_consistent(read);
    CHECK(group(read, "consumers").at("total_messages") == 600);
}

TEST_CASE("iggy-bench: consumers that follow producers get every message", "[bench][server]") {
    const fixture at;
    for (const bool reuses : {false, true}) {
        CAPTURE(reuses);
        const std::string general = "-m 20..200 -P 1..50 -b 40";
        const auto both = at.report(general + (reuses ? " --reuse-streams" : ""), "ppc -p 3 -c 3");
        check_consistent(both);
        const auto produced = group(both, "producers");
        const auto consumed = group(both, "consumers");
        CHECK(produced.at("total_message_batches") == 120);
        CHECK(consumed.at("total_messages") == produced.at("total_messages"));
        CHECK(consumed.at("total_user_data_bytes") == produced.at("total_user_data_bytes"));
        const auto messages = produced.at("total_messages").get<std::uint64_t>();
        const auto bytes = produced.at("total_user_data_bytes").get<std::uint64_t>();
        CHECK(messages >= 120);
        CHECK(messages <= 120 * 50);
        CHECK(bytes >= messages * 20);
        CHECK(bytes <= messages * 200);
    }
}

TEST_CASE("iggy-bench: an amount of data ends a run within a batch of each actor",
          "[bench][server]") {
    const fixture at;
    const auto sent = at.report("-m 100 -P 7 -T 50000", "pp -p 4");
    check_consistent(sent);
    const auto bytes = group(sent, "producers").at("total_user_data_bytes").get<std::uint64_t>();
    CHECK(bytes >= 50'000);
    CHECK(bytes < 50'000 + 4 * 700);
}

TEST_CASE("iggy-bench: a rate is kept, and bystanders ping meanwhile", "[bench][server]") {
    const fixture at;
    const auto sent = at.report("-m 100 -P 10 -b 11 -r 40000 --bystanders 2", "pp -p 2");
    check_consistent(sent);
    // The last of 11 batches of 1000 bytes is due after ten, at 20,000 bytes a second.
    CHECK(number(group(sent, "producers"), "total_time_secs") >= 0.5);
    CHECK(number(sent.at("bystanders"), "max_latency_ms") > 0);
    check_ascending(sent.at("bystanders"),
                    {"p50_latency_ms", "p99_latency_ms", "p999_latency_ms", "max_latency_ms"});
}

TEST_CASE("iggy-bench: what the warm-up sent is in the stream and not in the report",
          "[bench][server]") {
    const fixture at;
    const auto sent = at.report("-m 50 -P 10 -b 300 -w 50ms", "pp -p 1");
    check_consistent(sent);
    CHECK(group(sent, "producers").at("total_messages") == 3000);
    CHECK(at.stored("bench-stream-1") > 3000);
}

TEST_CASE("iggy-bench: the warm-up of a consumer ends though its producer is done with it",
          "[bench][server]") {
    const fixture at;
    const auto both = at.report("-m 50 -P 10 -b 30 -w 20ms", "ppc -p 2 -c 2");
    check_consistent(both);
    CHECK(group(both, "producers").at("total_messages") == 600);
    CHECK(group(both, "consumers").at("total_messages").get<std::uint64_t>() >= 600);
}

TEST_CASE("iggy-bench: output writes report and log into a directory named after the run",
          "[bench][server]") {
    const fixture at;
    const auto results = at.path("results").string();
    auto line = words("-m 50 -P 10 -b 300 -p iggy pp -p 2 tcp --server-address " + at.address() +
                      " output --gitref v1 --identifier here -o " + results);
    line.insert(line.end(), {"--remark", "two words"});
    const auto ran = at.run(line);
    CAPTURE(ran.err, ran.out);
    REQUIRE(ran.exit_code == 0);
    const std::filesystem::directory_iterator entries{results};
    REQUIRE(entries != std::filesystem::directory_iterator{});
    const auto directory = entries->path();
    CHECK(directory.filename().string().starts_with(
        "pinned_producer_2_50_10_300_tcp_two_words_v1_here"));
    const auto report = json::parse(read_text(directory / "report.json"));
    check_consistent(report);
    CHECK(report.at("params").at("remark") == "two words");
    CHECK(report.at("params").at("gitref") == "v1");
    CHECK(report.at("hardware").at("identifier") == "here");
    CHECK(report.at("params").at("bench_command").get<std::string>().find("-p ***") !=
          std::string::npos);
    const auto log = read_text(directory / "bench.log");
    CHECK(log.find("Producers Results: Total throughput: ") != std::string::npos);
    CHECK(ran.out.starts_with(log));
}

TEST_CASE("iggy-bench: every kind takes turns with the limit and says its share",
          "[bench][server]") {
    const fixture at;
    for (const std::string kind : {"pp -p 2", "pc -c 2", "ppc -p 2 -c 2"}) {
        CAPTURE(kind);
        const auto both = at.report(
            "-m 50 -P 10 -b 31 --limit --limit-turns 3 --limit-directory " + at.path("").string(),
            kind);
        check_consistent(both);
        const auto& limit = both.at("limit");
        CHECK(number(limit, "share") > 0);
        CHECK(limit.at("turns").size() == 3);
        const bool has_both = kind.starts_with("ppc");
        REQUIRE(limit.at("group_metrics").size() == (has_both ? 3 : 1));
        REQUIRE(both.at("group_metrics").size() == (has_both ? 3 : 1));
        for (std::size_t index = 0; index < limit.at("group_metrics").size(); ++index) {
            const auto& ours = both.at("group_metrics")[index].at("summary");
            const auto& theirs = limit.at("group_metrics")[index].at("summary");
            CHECK(ours.at("total_messages") == theirs.at("total_messages"));
            CHECK(ours.at("total_user_data_bytes") == theirs.at("total_user_data_bytes"));
            CHECK(ours.at("total_messages") == (index == 2 ? 1240 : 620));
        }
        CHECK(number(limit.at("costs"), "server_cpu_secs") > 0);
    }
    CHECK(entries_of(at.path("")) == std::vector<std::string>{"data", "data.output"});
}

TEST_CASE("iggy-bench: a limit that would move other messages is refused", "[bench][server]") {
    const fixture at;
    at.report("-m 50 -P 10 -b 30", "pp -p 2");
    const auto ran = at.run("-m 200 -P 10 -b 30 --limit pc -c 2");
    CHECK(ran.exit_code == 1);
    CHECK(ran.err.find("messages of 50 bytes") != std::string::npos);
}

TEST_CASE("iggy-bench: limit says what memory, disk and the least server do", "[bench][server]") {
    const fixture at;
    const auto ran = at.run(words("-m 50 -P 10 --json limit -c 2"));
    CAPTURE(ran.err);
    REQUIRE(ran.exit_code == 0);
    const auto found = json::parse(ran.out);
    CHECK(number(found.at("memory"), "cached_copy_bytes_per_second") > 0);
    CHECK(number(found.at("disk"), "append_bytes_per_second") >=
          number(found.at("disk"), "append_and_sync_bytes_per_second"));
    CHECK(number(found.at("disk").at("sync_of_append"), "per_second") > 0);
    REQUIRE(found.at("least_server").size() == 1);
    const auto& least = found.at("least_server")[0];
    CHECK(number(least.at("send"), "messages") > 0);
    CHECK(number(least.at("poll"), "messages") <= number(least.at("send"), "messages"));
    CHECK(number(least.at("poll"), "messages") > 0);
}

TEST_CASE("iggy-bench: the bare server can be measured like any other", "[bench]") {
    const temporary_directory dir;
    child_options options;
    options.program = IGGY_TEST_BENCH_PROGRAM;
    options.arguments = {"bare-server", dir.path(), "--sync"};
    options.stdout_file = dir / "out";
    options.stderr_file = dir / "err";
    const child_process bare{options};
    std::string port;
    while (!port.ends_with('\n')) {
        port = std::filesystem::exists(dir / "out") ? read_text(dir / "out") : "";
        std::this_thread::yield();
    }
    port.pop_back();
    options.arguments =
        words("-m 50 -P 10 -b 20 --json pp -p 2 tcp --server-address 127.0.0.1:" + port);
    for (int round = 1; round <= 2; ++round) {
        const auto ran = run_program(options);
        CAPTURE(ran.err);
        REQUIRE(ran.exit_code == 0);
        CHECK(group(json::parse(ran.out), "producers").at("total_messages") == 400);
        options.arguments.insert(options.arguments.begin(), "--reuse-streams");
    }
    options.arguments = words("-b 100 -P 10 --json pc -c 2 tcp --server-address 127.0.0.1:" + port);
    const auto ran = run_program(options);
    CAPTURE(ran.err);
    REQUIRE(ran.exit_code == 0);
    CHECK(group(json::parse(ran.out), "consumers").at("total_messages") == 800);
}

TEST_CASE("iggy-bench: pretty prints a row for each actor and group", "[bench][server]") {
    const fixture at;
    const auto ran = at.run("--pretty -m 50 -P 10 -b 30 ppc -p 2 -c 2");
    REQUIRE(ran.exit_code == 0);
    for (const auto* row :
         {"| Producer #2       | 300      | 30      | 15.00 KB |",
          "| Consumers Results | 600      |", "| Aggregate Results | 1200     |"}) {
        CAPTURE(ran.out, row);
        CHECK(ran.out.find(row) != std::string::npos);
    }
    CHECK(ran.out.find("→") == std::string::npos);
}

TEST_CASE("iggy-bench: what cannot be measured ends with exit code 1 and says why",
          "[bench][server]") {
    const fixture at;
    at.report("-b 1 -P 1", "pp -p 1");
    const auto missing = at.run("pc -c 2");
    CHECK(missing.exit_code == 1);
    CHECK(missing.err.find("the stream bench-stream-2 is not there") != std::string::npos);
    const auto stranger = at.run("-p wrong pp");
    CHECK(stranger.exit_code == 1);
    CHECK(stranger.err.starts_with("Error: "));
    const auto nobody = at.run(words("pp tcp --server-address 127.0.0.1:1"));
    CHECK(nobody.exit_code == 1);
    CHECK(nobody.err.find("cannot connect to 127.0.0.1:1") != std::string::npos);
    const auto too_large = at.run("-m 64000000 -P 100 -b 1 pp -p 1");
    CHECK(too_large.exit_code == 1);
    CHECK(too_large.err.find("Producer #1: a batch of 100 messages") != std::string::npos);
}
