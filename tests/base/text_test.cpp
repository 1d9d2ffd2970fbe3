#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <iggy/base/duration_text.hpp>
#include <iggy/base/expiry_text.hpp>
#include <iggy/base/size_text.hpp>
#include <iggy/base/topic_size_text.hpp>

#include "support/catch.hpp"

namespace {

using namespace iggy;
using namespace std::chrono_literals;

constexpr std::uint64_t u64_max = std::numeric_limits<std::uint64_t>::max();

}  // namespace

TEST_CASE("duration text: every unit word is read, letter case ignored", "[base][text]") {
    const std::vector<std::pair<std::string, std::chrono::nanoseconds>> cases{
        {"0", 0ns},
        {"None", 0ns},
        {"UNLIMITED", 0ns},
        {"disabled", 0ns},
        {"5ns", 5ns},
        {"5 nsec 5 nanos", 10ns},
        {"7us", 7us},
        {"7 \u00b5s", 7us},
        {"7usec", 7us},
        {"30ms 1 msec 1 millis", 32ms},
        {"5 s", 5s},
        {"1sec 1secs 1second 1seconds", 4s},
        {"1 M", 1min},
        {"1m 1min 1mins 1minute 1minutes", 5min},
        {"1H 1hr 1hrs 1hour 1hours", 5h},
        {"1d 1day 1 days", 72h},
        {"1w 1wk 1wks 1week 1weeks", 5 * 168h},
        {"1month 1 months", 2 * 2'630'016s},
        {"1y 1yr 1yrs 1year 1years", 5 * 31'557'600s},
        {"1 0 s", 10s},
        {"1h1m1s", 3661s},
        {"1s 1h 1s", 3602s},
        {" 2 min ", 2min},
        {"1.5h", 90min},
        {"1.5s", 1500ms},
        {"0.000000001s", 1ns},
        {"1.50 us", 1500ns},
        {"2.0s", 2s},
    };
    for (const auto& [text, expected] : cases) {
        CAPTURE(text);
        const auto parsed = parse_duration(text);
        REQUIRE(parsed);
        CHECK(*parsed == expected);
    }
}

TEST_CASE("duration text: what is no duration is refused", "[base][text]") {
    for (const std::string text : {"",
                                   " ",
                                   "5",
                                   "0.5",
                                   "-1s",
                                   "+1s",
                                   "1.",
                                   "1.s",
                                   "1.5ns",
                                   "0.0001h",
                                   "0.0000000001s",
                                   "1,5s",
                                   "1h and 1m",
                                   "5 parsecs",
                                   "1e3s",
                                   "s",
                                   "300years",
                                   "99999999999999999999s",
                                   ".5s",
                                   "1.0000000000000000000000001s",
                                   "292years 1000000000000000000ns"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_duration(text));
    }
    CHECK(parse_duration("5").error().reason == "the number 5 has no unit");
    CHECK(parse_duration("5 parsecs").error().reason == "unknown unit \"parsecs\"");
}

TEST_CASE("duration text: with letter case counting, M is a month and no word is zero",
          "[base][text]") {
    CHECK(parse_duration_case_sensitive("1M").value() == 2'630'016s);
    CHECK(parse_duration_case_sensitive("1m").value() == 1min);
    CHECK_FALSE(parse_duration_case_sensitive("1H"));
    CHECK_FALSE(parse_duration_case_sensitive("none"));
    CHECK_FALSE(parse_duration_case_sensitive("0"));
}

TEST_CASE("duration text: the shown form reads back as the same duration", "[base][text]") {
    CHECK(format_duration(0ns) == "0s");
    CHECK(format_duration(168h) == "7days");
    CHECK(format_duration(24h) == "1day");
    CHECK(format_duration(3661s) == "1h 1m 1s");
    CHECK(format_duration(31'557'600s + 2'630'016s + 28 * 24h + 4417s) ==
          "1year 1month 28days 1h 13m 37s");
    CHECK(format_duration(1'002'003'004ns) == "1s 2ms 3us 4ns");
    CHECK(format_duration(-1s) == "0s");
    for (const auto duration :
         {1ns, 999ns, 123'456'789'012'345'678ns, std::chrono::nanoseconds::max()}) {
        CHECK(parse_duration(format_duration(duration)).value() == duration);
        CHECK(parse_duration_case_sensitive(format_duration(duration)).value() == duration);
    }
}

TEST_CASE("size text: bytes, bits and their prefixes are read", "[base][text]") {
    const std::vector<std::pair<std::string, std::uint64_t>> cases{
        {"0", 0},
        {"1000", 1000},
        {"1000B", 1000},
        {"1 KB", 1000},
        {"1K", 1000},
        {"1k", 1000},
        {"1 KiB", 1024},
        {"1Ki", 1024},
        {"1kiB", 1024},
        {"100 Kb", 12'500},
        {"1 kbit", 125},
        {"1 KBITS", 125},
        {"1 b", 1},
        {"9 bits", 2},
        {"1.5 MB", 1'500'000},
        {"0.3 B", 1},
        {" 2   GiB\t", 2'147'483'648},
        {"1 TB", 1'000'000'000'000},
        {"1 PiB", 1ULL << 50U},
        {"15 EiB", 15ULL << 60U},
        {"18446744073709551615", u64_max},
        {"0.50 KiB", 512},
    };
    for (const auto& [text, expected] : cases) {
        CAPTURE(text);
        const auto parsed = parse_byte_size(text);
        REQUIRE(parsed);
        CHECK(*parsed == expected);
    }
}

TEST_CASE("size text: what is no size is refused", "[base][text]") {
    for (const std::string text : {"", "KB", ".5 KB", "1. KB", "-1", "+1", "1e3", "1_000", "1\tKB",
                                   "1 iB", "1 X", "1 KBB", "unlimited", "none", "16 EiB",
                                   "18446744073709551616", "1 bytes", "0.1234567890123456789 B"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_byte_size(text));
    }
    CHECK(parse_byte_size("1 X").error().reason == "unknown unit \"X\"");
}

TEST_CASE("size text: the permissive form knows words for no limit", "[base][text]") {
    for (const std::string text : {"0", "unlimited", "Unlimited", "none", "None"}) {
        CHECK(parse_byte_size_or_unlimited(text).value() == 0);
    }
    CHECK(parse_byte_size_or_unlimited("1 KB").value() == 1000);
    CHECK_FALSE(parse_byte_size_or_unlimited("NONE"));
}

TEST_CASE("size text: people see rounded decimal units", "[base][text]") {
    CHECK(format_byte_size(0) == "0 B");
    CHECK(format_byte_size(999) == "999 B");
    CHECK(format_byte_size(1000) == "1.00 KB");
    CHECK(format_byte_size(568'000'000) == "568.00 MB");
    CHECK(format_byte_size(1ULL << 30U) == "1.07 GB");
    CHECK(format_byte_size(u64_max) == "18.45 EB");
}

TEST_CASE("size text: files show the largest exact unit, which reads back", "[base][text]") {
    CHECK(format_byte_size_exactly(0) == "0 B");
    CHECK(format_byte_size_exactly(512) == "512 B");
    CHECK(format_byte_size_exactly(1001) == "1.001 KB");
    CHECK(format_byte_size_exactly(1ULL << 30U) == "1 GiB");
    CHECK(format_byte_size_exactly(100'000) == "100 KB");
    CHECK(format_byte_size_exactly(8'000) == "8 KB");
    CHECK(format_byte_size_exactly(500'000'000) == "500 MB");
    CHECK(format_byte_size_exactly(2'000'000) == "2 MB");
    CHECK(format_byte_size_exactly(1536) == "1.5 KiB");
    CHECK(format_byte_size_exactly(1'000'001) == "1000.001 KB");
    for (std::uint64_t bytes = 1; bytes < u64_max / 7; bytes = bytes * 5 + 3) {
        CHECK(parse_byte_size(format_byte_size_exactly(bytes)).value() == bytes);
    }
    CHECK(parse_byte_size(format_byte_size_exactly(u64_max)).value() == u64_max);
}

TEST_CASE("expiry text: words, durations and the limit of the wire", "[base][text]") {
    for (const std::string text : {"none", "None", "unlimited", "Unlimited", "never_expire"}) {
        CHECK(parse_expiry(text).value() == expiry::never());
    }
    for (const std::string text : {"0", "default", "Default", "server_default", "Server_default"}) {
        CHECK(parse_expiry(text).value() == expiry::server_default());
    }
    CHECK(parse_expiry("1M").value().life() == 2'630'016s);
    CHECK(parse_expiry("1h 30m").value().life() == 90min);
    CHECK(parse_expiry("1ns").value().raw() == 1);
    CHECK(parse_expiry("4294967295s").value().life() == 4'294'967'295s);
    for (const std::string text : {"4294967296s", "NONE", "disabled", "1H", "10", ""}) {
        CAPTURE(text);
        CHECK_FALSE(parse_expiry(text));
    }
    CHECK(format_expiry(expiry::never()) == "never_expire");
    CHECK(format_expiry(expiry::server_default()) == "server_default");
    CHECK(format_expiry(expiry::after(1h)) == "1h");
    CHECK_FALSE(format_expiry(expiry::from_raw(u64_max - 1)).empty());
}

TEST_CASE("topic size text: words and sizes", "[base][text]") {
    CHECK(parse_topic_size("unlimited").value() == topic_size::unlimited());
    for (const std::string text : {"server_default", "0", "none", "Unlimited", "0 KB"}) {
        CAPTURE(text);
        CHECK(parse_topic_size(text).value() == topic_size::server_default());
    }
    CHECK(parse_topic_size("18446744073709551615").value().is_unlimited());
    CHECK(parse_topic_size("10 GiB").value().raw() == 10ULL << 30U);
    CHECK_FALSE(parse_topic_size("ten"));
    CHECK(format_topic_size(topic_size::from_raw(1ULL << 30U)) == "1.07 GB");
    CHECK(format_topic_size_exactly(topic_size::from_raw(1ULL << 30U)) == "1 GiB");
    CHECK(format_topic_size_exactly(topic_size::unlimited()) == "unlimited");
    CHECK(format_topic_size(topic_size::server_default()) == "server_default");
}
