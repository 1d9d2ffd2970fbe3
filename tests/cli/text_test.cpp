#include "text.hpp"

#include "support/catch.hpp"

using namespace iggy::cli;

TEST_CASE("text: digits are a numeric identifier, all else is a name", "[cli]") {
    CHECK(parse_identifier("0")->is_number());
    CHECK(parse_identifier("4294967295")->number() == 4294967295U);
    CHECK(parse_identifier("4294967296")->name() == "4294967296");
    CHECK(parse_identifier("-1")->name() == "-1");
    CHECK(parse_identifier("prod")->name() == "prod");
    CHECK_FALSE(parse_identifier(""));
    CHECK(parse_identifier(std::string(255, 'x')));
    CHECK_FALSE(parse_identifier(std::string(256, 'x')));
}

TEST_CASE("text: ids are decimal numbers of 128 bits", "[cli]") {
    iggy::message_id id{};
    CHECK(decimal(id) == "0");
    id[0] = std::byte{7};
    id[1] = std::byte{1};
    CHECK(decimal(id) == "263");
    id.fill(std::byte{0xFF});
    CHECK(decimal(id) == "340282366920938463463374607431768211455");
}

TEST_CASE("text: times are shown in UTC to the second", "[cli]") {
    CHECK(utc_time(iggy::timestamp_from_raw(0)) == "1970-01-01 00:00:00");
    CHECK(utc_time(iggy::timestamp_from_raw(1'700'000'000'999'999)) == "2023-11-14 22:13:20");
}

TEST_CASE("text: what could steer a terminal is escaped, what is not UTF-8 replaced", "[cli]") {
    CHECK(printable(iggy::as_bytes("plain zażółć 日本 🎉")) == "plain zażółć 日本 🎉");
    CHECK(printable(iggy::as_bytes("a\tb\nc")) == "a\tb\nc");
    CHECK(printable(iggy::as_bytes("\x1b[2J\r")) == "\\x1b[2J\\x0d");
    CHECK(printable(iggy::as_bytes("\xC2\x9B")) == "\\x9b");
    CHECK(printable(iggy::as_bytes("a\xFF"
                                   "b\xC3")) ==
          "a\xEF\xBF\xBD"
          "b\xEF\xBF\xBD");
    CHECK(printable(iggy::as_bytes("\xED\xA0\x80")) == "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    CHECK(printable({}) == "");
}

TEST_CASE("text: one message is singular", "[cli]") {
    CHECK(counted_messages(0) == "0 messages");
    CHECK(counted_messages(1) == "1 message");
    CHECK(counted_messages(2) == "2 messages");
}
