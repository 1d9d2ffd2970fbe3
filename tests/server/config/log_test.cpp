#include "log/log.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "config_support.hpp"
#include "log/filter.hpp"
#include "log/line.hpp"
#include "log/setup.hpp"
#include "support/catch.hpp"

using namespace iggy::server;
using namespace config_support;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using log::level;

namespace {

log::filter parse_filter(std::string_view text) {
    std::vector<std::string> complaints;
    return log::filter::parse(text, complaints);
}

log::options to_file(const scratch_directory& scratch) {
    log::options wanted;
    wanted.to_stdout = false;
    wanted.to_file = true;
    wanted.file = scratch / "logs" / "iggy-server.log";
    wanted.rotation = {.file_bytes_max = 1 << 20, .total_bytes_max = 0, .retention = 24h};
    return wanted;
}

/// Makes `path` look as if it was last written at `when`.
void set_modified(const std::filesystem::path& path, log::rotating_file::time_point when) {
    const timespec time{std::chrono::system_clock::to_time_t(when), 0};
    const timespec times[2] = {time, time};
    REQUIRE(::utimensat(AT_FDCWD, path.c_str(), times, 0) == 0);
}

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
        ++found;
    }
    return found;
}

}  // namespace

TEST_CASE("log filter: the longest matching target decides", "[server][log]") {
    const log::filter some = parse_filter("warn, server::tcp=DEBUG,server::tcp::frame=off,noisy");
    CHECK(some.passes(level::warn, "server::http"));
    CHECK_FALSE(some.passes(level::info, "server::http"));
    CHECK(some.passes(level::debug, "server::tcp::session"));
    CHECK_FALSE(some.passes(level::trace, "server::tcp"));
    CHECK_FALSE(some.passes(level::error, "server::tcp::frame"));
    CHECK(some.passes(level::trace, "noisy"));
    CHECK(some.lowest() == level::trace);
}

TEST_CASE("log filter: special lists behave as upstream's", "[server][log]") {
    CHECK(parse_filter("").passes(level::error, "x"));
    CHECK_FALSE(parse_filter("").passes(level::warn, "x"));
    CHECK_FALSE(parse_filter("off").passes(level::error, "x"));
    CHECK_FALSE(parse_filter("none").passes(level::error, "x"));
    CHECK(parse_filter("info,debug").passes(level::debug, "x"));
}

TEST_CASE("log filter: directives that make no sense are skipped and said", "[server][log]") {
    std::vector<std::string> complaints;
    const auto made =
        log::filter::parse("info,a=loud,b[span{x=1,y=2}]=debug,c d,=info", complaints);
    CHECK(complaints.size() == 4);
    CHECK_THAT(complaints.at(0), Contains("\"a=loud\" is ignored: the level is none of"));
    CHECK_THAT(complaints.at(1), Contains("no spans"));
    CHECK(made.passes(level::info, "a"));
}

TEST_CASE("log line: time, level, thread, target and text, control characters escaped",
          "[server][log]") {
    const auto at = std::chrono::system_clock::time_point{1767323045s + 678901us};
    CHECK(log::format_line({at, level::info, "shard-0", 7, "server::tcp"}, "hello") ==
          "2026-01-02T03:04:05.678901Z  INFO shard-0 server::tcp: hello");
    CHECK(log::format_line({at, level::error, "main", 7, "x"}, "a\nb\x1b") ==
          "2026-01-02T03:04:05.678901Z ERROR    main x: a\\nb\\x1b");
}

TEST_CASE("log: early lines are replayed, later ones follow, the filter holds", "[server][log]") {
    const scratch_directory scratch;
    log::info("server::early", "kept {}", 1);
    log::debug("server::early", "below the early filter");
    log::options wanted = to_file(scratch);
    wanted.filter = "info,server::loud=trace,server::quiet=error,bad=bad";
    REQUIRE(log::start(wanted));
    log::info("server::main", "hello {}", "world");
    log::trace("server::loud", "whisper");
    log::warn("server::quiet", "not written");
    CHECK_FALSE(log::enabled(level::debug, "server::main"));
    std::thread{[] {
        log::set_thread_name("shard-7");
        log::error("server::shard", "from a shard");
    }}.join();
    log::stop();
    const std::string text = read_text(wanted.file);
    CHECK(text.find("server::early: kept 1") < text.find("server::main: hello world"));
    CHECK_THAT(text, Contains("TRACE") && Contains("whisper") && !Contains("not written") &&
                         !Contains("below the early filter"));
    CHECK_THAT(text, Contains("ERROR shard-7 server::shard: from a shard"));
    CHECK_THAT(text, Contains("\"bad=bad\" is ignored"));
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);) {
        CAPTURE(line);
        CHECK(line.find("Z ") == std::string{"2026-01-02T03:04:05.678901"}.size());
        CHECK(line.find(" server::") != std::string::npos);
    }
}

TEST_CASE("log: lines of many threads arrive whole", "[server][log]") {
    const scratch_directory scratch;
    const log::options wanted = to_file(scratch);
    REQUIRE(log::start(wanted));
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([t] {
            for (int i = 0; i < 500; ++i) {
                log::info("server::many", "line {}-{} ends", t, i);
            }
        });
    }
    for (std::thread& each : threads) {
        each.join();
    }
    log::stop();
    CHECK(count(read_text(wanted.file), " ends\n") == 2000);
}

TEST_CASE("log: a file that cannot be made is an error that names it", "[server][log]") {
    const scratch_directory scratch;
    log::options wanted = to_file(scratch);
    scratch.write("logs", "a file where the directory should be");
    const auto started = log::start(wanted);
    REQUIRE_FALSE(started);
    CHECK_THAT(started.error().reason, Contains((scratch / "logs").string()));
    log::stop();
}

TEST_CASE("log: options follow from the configuration and RUST_LOG", "[server][log]") {
    server_config config = default_config();
    config.system.path = "/data";
    const log::options plain = log::options_of(config, {});
    CHECK(plain.file == "/data/logs/iggy-server.log");
    CHECK(plain.filter == "info");
    CHECK(plain.rotation.file_bytes_max == 500'000'000);
    CHECK(plain.rotation.retention == 24h * 7);
    config.system.logging.path = "/var/log/iggy";
    const log::options other = log::options_of(config, {{"RUST_LOG", ""}});
    CHECK(other.filter.empty());
    CHECK(other.file == "/var/log/iggy/iggy-server.log");
}

TEST_CASE("log file: it rotates when it is full, the newest copy is number 1", "[server][log]") {
    const scratch_directory scratch;
    const auto path = scratch / "iggy-server.log";
    const auto now = std::chrono::system_clock::now();
    auto file = log::rotating_file::open(
        path, {.file_bytes_max = 10, .total_bytes_max = 0, .retention = 1h}, now);
    REQUIRE(file);
    for (const std::string_view text : {"first line", "second line", "third line", "4"}) {
        file->write(text, now);
    }
    CHECK(read_text(path) == "4\n");
    CHECK(read_text(path.string() + ".1") == "third line\n");
    CHECK(read_text(path.string() + ".3") == "first line\n");
}

TEST_CASE("log file: it rotates with the local hour, and never when the size is 0",
          "[server][log]") {
    const scratch_directory scratch;
    const auto now = std::chrono::system_clock::now();
    for (const std::uint64_t bytes_max : {0U, 1000U}) {
        const auto path = scratch / std::to_string(bytes_max);
        auto file = log::rotating_file::open(
            path, {.file_bytes_max = bytes_max, .total_bytes_max = 0, .retention = 9h}, now);
        REQUIRE(file);
        file->write("a", now);
        file->write("b", now);
        file->write("c", now + 1h);
        CHECK(std::filesystem::exists(path.string() + ".1") == (bytes_max != 0));
        CHECK(read_text(path) == (bytes_max == 0 ? "a\nb\nc\n" : "c\n"));
    }
}

TEST_CASE("log file: a file of an earlier run goes on, or is rotated when its hour is over",
          "[server][log]") {
    const scratch_directory scratch;
    const auto now = std::chrono::system_clock::now();
    for (const auto age : {0h, 5h}) {
        const auto path = scratch.write("log" + std::to_string(age.count()), "old\n");
        set_modified(path, now - age);
        auto file = log::rotating_file::open(
            path, {.file_bytes_max = 1000, .total_bytes_max = 0, .retention = 24h}, now);
        REQUIRE(file);
        file->write("new", now);
        CHECK(read_text(path) == (age == 0h ? "old\nnew\n" : "new\n"));
    }
}

TEST_CASE("log file: old copies go first, then the oldest beyond the total", "[server][log]") {
    const scratch_directory scratch;
    const auto now = std::chrono::system_clock::now();
    const auto path = scratch.write("log", "live");
    for (int number = 1; number <= 6; ++number) {
        const auto copy = scratch.write("log." + std::to_string(number), "0123456789");
        set_modified(copy, now - number * 1h);
    }
    scratch.write("log.old", "not ours");
    scratch.write("log.01", "not ours");
    const auto file = log::rotating_file::open(
        path, {.file_bytes_max = 1000, .total_bytes_max = 35, .retention = 5h + 30min}, now);
    REQUIRE(file);
    const log::removed_files removed = file->clean(now);
    CHECK(removed.count == 3);
    CHECK(removed.bytes == 30);
    CHECK(std::filesystem::exists(path.string() + ".3"));
    CHECK_FALSE(std::filesystem::exists(path.string() + ".4"));
    CHECK(std::filesystem::exists(path.string() + ".old"));
    CHECK(std::filesystem::exists(path.string() + ".01"));
    CHECK(std::filesystem::exists(path));
    CHECK(file->clean(now).count == 0);
}
