// `iggy-server verify` over the directories of real servers.

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <iggy/storage/data_directory.hpp>

#include "orders.hpp"
#include "raw_client.hpp"
#include "support/catch.hpp"
#include "support/served.hpp"

using namespace iggy;
using namespace iggy::protocol;
using Catch::Matchers::Contains;
using iggy::test::raw_client;
namespace orders = iggy::test::orders;
using iggy::test::run_outcome;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

run_outcome run_verify(std::vector<std::string> arguments) {
    test::child_options options;
    options.program = IGGY_TEST_SERVER_PROGRAM;
    options.arguments = std::move(arguments);
    options.arguments.insert(options.arguments.begin(), "verify");
    return test::run_program(options);
}

/// Two partitions with messages and a stored offset.
void fill(std::uint16_t port) {
    raw_client client{port};
    client.log_in();
    orders::create(client, 2);
    for (std::uint32_t partition = 0; partition < 2; ++partition) {
        client.send(orders::send_frame(partition_id{partition}, 0, 100, 1000));
        REQUIRE(client.receive().value().status == 0);
    }
    client.call(orders::store(partition_id{0}, message_offset{50}));
}

std::vector<json> lines_of(const std::string& text) {
    std::vector<json> lines;
    std::istringstream source{text};
    for (std::string line; std::getline(source, line);) {
        lines.push_back(json::parse(line));
    }
    return lines;
}

json line_of(const std::vector<json>& lines, const std::string& type,
             const std::string& name = {}) {
    const auto found = std::ranges::find_if(lines, [&](const json& line) {
        return line["type"] == type && (name.empty() || line["name"] == name);
    });
    REQUIRE(found != lines.end());
    return *found;
}

const std::string partition_0 = R"(stream "orders", topic "placed", partition 0)";

/// A directory that a server filled; killed or stopped.
struct left_directory {
    temporary_directory dir;
    fs::path data = dir / "data";

    explicit left_directory(bool killed) {
        test::server_process server{test::served::options(dir, {})};
        fill(server.port());
        if (killed) {
            server.kill_now();
        } else {
            REQUIRE(server.stop()->code == 0);
        }
    }
    fs::path segment() const {
        for (const auto& entry : fs::recursive_directory_iterator{data / "streams"}) {
            if (entry.path().string().find("/partitions/0/") != std::string::npos &&
                entry.path().extension() == ".log") {
                return entry.path();
            }
        }
        FAIL("the partition has a segment");
        return {};
    }
    void flip(const fs::path& file, std::streamoff at) const {
        std::fstream content{file, std::ios::binary | std::ios::in | std::ios::out};
        content.seekg(at);
        const int byte = content.get();
        content.seekp(at);
        content.put(static_cast<char>(~byte));
        REQUIRE(content.flush());
    }
};

}  // namespace

TEST_CASE("verify: the directory of a server that was stopped is intact", "[server][verify]") {
    const left_directory left{false};
    const run_outcome outcome = run_verify({left.data.string()});
    INFO(outcome.out << outcome.err);
    CHECK(outcome.exit_code == 0);
    CHECK(outcome.err.empty());
    CHECK_THAT(outcome.out, Contains("intact  state/catalog") && Contains(partition_0) &&
                                Contains("intact  catalog: is complete; 1 stream(s), 1 topic(s), 2 "
                                         "partition(s), 1 user(s)") &&
                                Contains("1 stored offset(s)") &&
                                Contains("Intact: 3 of 3 log(s) intact"));
}

TEST_CASE("verify: the directory of a server that was killed is intact", "[server][verify]") {
    const left_directory left{true};
    const run_outcome outcome = run_verify({"--json", left.data.string()});
    INFO(outcome.out << outcome.err);
    CHECK(outcome.exit_code == 0);
    const auto lines = lines_of(outcome.out);
    CHECK(line_of(lines, "directory")["kind"] == "not_closed");
    const json log = line_of(lines, "log", partition_0);
    CHECK(log["intact"] == true);
    CHECK(log["messages"] == 100);
    CHECK(log["last_offset"] == 99);
    CHECK(log["stored_offsets"] == 1);
    CHECK(line_of(lines, "catalog")["partitions"] == 2);
    CHECK(line_of(lines, "summary")["intact"] == true);
}

TEST_CASE("verify: the journal of a server is told file by file, and damage in it ends with 1",
          "[server][verify]") {
    const left_directory left{true};
    const json journal =
        line_of(lines_of(run_verify({"--json", left.data.string()}).out), "journal");
    CHECK(journal["path"] == "iggy.journal/1.journal");
    CHECK(journal["groups"] > 1);
    CHECK(journal["entries"] >= journal["groups"]);
    CHECK(journal["entries_without_log"] == 0);
    CHECK_THAT(run_verify({left.data.string()}).out,
               Contains("journal iggy.journal/1.journal: ") && Contains("numbers 0 to "));
    left.flip(left.data / "iggy.journal" / "1.journal", 100);
    const run_outcome outcome = run_verify({left.data.string()});
    INFO(outcome.out);
    CHECK(outcome.exit_code == 1);
    CHECK_THAT(outcome.out, Contains("damage  iggy.journal/1.journal, bytes 0 to 4095: "));
}

TEST_CASE("verify: a damaged message ends with 1 and is named with its partition",
          "[server][verify]") {
    const left_directory left{false};
    left.flip(left.segment(), 5000);
    const run_outcome text = run_verify({left.data.string()});
    INFO(text.out);
    CHECK(text.exit_code == 1);
    CHECK_THAT(text.out, Contains("DAMAGED streams/") &&
                             Contains("(offset 4): the checksum does not hold") &&
                             Contains("DAMAGED: 2 of 3 log(s) intact"));
    const auto lines = lines_of(run_verify({"--json", left.data.string()}).out);
    const json log = line_of(lines, "log", partition_0);
    CHECK(log["intact"] == false);
    CHECK(log["messages"] == 99);
    REQUIRE(log["findings"].size() == 1);
    const json& what = log["findings"][0];
    CHECK(what["kind"] == "bad_checksum");
    CHECK(what["from_byte"] == 4 * 1064);
    CHECK(what["to_byte"] == 5 * 1064);
    CHECK(what["first_offset"] == 4);
}

TEST_CASE("verify: a lost catalog and a lost log are told", "[server][verify]") {
    const left_directory left{false};
    SECTION("a command of the catalog does not hold") {
        left.flip(left.data / "state" / "catalog" / "00000000000000000000.log", 100);
        const run_outcome outcome = run_verify({left.data.string()});
        INFO(outcome.out);
        CHECK(outcome.exit_code == 1);
        CHECK_THAT(outcome.out, Contains("the server will not start"));
    }
    SECTION("the directory of a partition") {
        fs::remove_all(left.segment().parent_path());
        const run_outcome outcome = run_verify({left.data.string()});
        INFO(outcome.out);
        CHECK(outcome.exit_code == 1);
        CHECK_THAT(outcome.out, Contains("with it 100 message(s)"));
    }
}

TEST_CASE("verify: logs and catalog are compared", "[server][verify]") {
    const left_directory left{false};
    {
        const auto directory = storage::data_directory::open(left.data.string()).value();
        const std::string partition_1 = "streams/0/topics/0/partitions/1";
        const log_uid lost = directory->find(partition_1).value();
        REQUIRE(directory->remove_logs({&lost, 1}));
        const std::string orphan = "streams/7/topics/7/partitions/7";
        REQUIRE(directory->create_logs({&orphan, 1}));
    }
    const run_outcome outcome = run_verify({left.data.string(), "--json"});
    INFO(outcome.out);
    CHECK(outcome.exit_code == 1);
    const auto lines = lines_of(outcome.out);
    const json catalog = line_of(lines, "catalog");
    CHECK(catalog["intact"] == false);
    CHECK(catalog["without_log"] == json{R"(stream "orders", topic "placed", partition 1)"});
    CHECK(std::ranges::count_if(lines, [](const json& line) {
              return line["type"] == "log" && line["orphan"] == true;
          }) == 1);
}

TEST_CASE("verify: a directory in use is refused with 2", "[server][verify]") {
    const test::served running;
    const std::string data = (running.dir / "data").string();
    const run_outcome outcome = run_verify({data});
    CHECK(outcome.exit_code == 2);
    CHECK_THAT(outcome.err, Contains(data + " is in use by a running server; stop it first"));
    CHECK(outcome.out.empty());
    CHECK(lines_of(run_verify({"--json", data}).out).at(0)["type"] == "failure");
}

TEST_CASE("verify: what cannot be checked ends with 2 and a reason", "[server][verify]") {
    const temporary_directory directory;
    const run_outcome foreign = run_verify({directory.path()});
    CHECK(foreign.exit_code == 2);
    CHECK_THAT(foreign.err, Contains("no data directory of iggy-server"));
    CHECK(fs::is_empty(directory.path()));
    const run_outcome absent = run_verify({(directory / "absent").string()});
    CHECK(absent.exit_code == 2);
    CHECK_THAT(absent.err, Contains("is no directory"));
    std::ofstream{directory / "iggy.format"} << "Iggy for C++ data directory, format 9\n";
    const run_outcome newer = run_verify({directory.path()});
    CHECK(newer.exit_code == 2);
    CHECK_THAT(newer.err, Contains("newer version"));
    CHECK(run_verify({}).exit_code == 2);
    CHECK(run_verify({directory.path(), "--nonsense"}).exit_code == 2);
}
