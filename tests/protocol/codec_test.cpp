#include <cctype>
#include <set>

#include <iggy/protocol/protocol.hpp>

#include "support/catch.hpp"

using namespace iggy::protocol;

namespace {

template <class... Numbers>
std::vector<std::byte> bytes_of(Numbers... numbers) {
    return {static_cast<std::byte>(numbers)...};
}

template <class Request>
std::uint32_t status_of(const std::vector<std::byte>& payload) {
    const auto decoded = decode_request<Request>(payload);
    return decoded ? 0 : static_cast<std::uint32_t>(decoded.error());
}

}  // namespace

TEST_CASE("error codes: numbers, names and meanings are those of the protocol", "[protocol]") {
    CHECK(static_cast<std::uint32_t>(error_code::invalid_command) == 3);
    CHECK(name(error_code::invalid_utf8) == "invalid_utf8");
    CHECK(name(error_code::cannot_fetch_jwks) == "cannot_fetch_jwks");
    CHECK(to_error_code(5006) == error_code::consumer_group_member_not_found);
    CHECK(to_error_code(0) == error_code::error);
    CHECK(to_error_code(17) == error_code::error);
    CHECK(to_error_code(UINT32_MAX) == error_code::error);
    CHECK(describe(error_code::unauthenticated) == "unauthenticated (40): log in first");
    std::set<std::string_view> names;
    for (std::uint32_t number = 1; number <= 13000; ++number) {
        const error_code code = to_error_code(number);
        if (static_cast<std::uint32_t>(code) == number) {
            CHECK(names.insert(name(code)).second);
            CHECK_FALSE(meaning(code).empty());
        }
    }
    CHECK(names.size() == 223);
}

TEST_CASE("commands: every code has a name, and no other code is a command", "[protocol]") {
    std::set<std::string_view> names;
    for (const command_code code : all_commands()) {
        CHECK(to_command_code(static_cast<std::uint32_t>(code)) == code);
        names.insert(name(code));
    }
    CHECK(names.size() == 47);
    CHECK(name(command_code::create_stream) == "stream.create");
    CHECK_FALSE(to_command_code(0));
    CHECK_FALSE(to_command_code(9999));
}

TEST_CASE("frames: a length below four and a payload over the limit are refused", "[protocol]") {
    for (std::uint32_t length = 0; length < 4; ++length) {
        frame_header_array bytes{};
        iggy::store_le(bytes, 0, length);
        REQUIRE_FALSE(decode_request_header(bytes));
        CHECK(decode_request_header(bytes).error() == error_code::invalid_command);
    }
    const auto largest = encode_request_header({control_payload_bytes_max, 1});
    CHECK_FALSE(find_request(largest).value());
    const auto too_large = encode_request_header({control_payload_bytes_max + 1, 1});
    CHECK(find_request(too_large).error() == error_code::invalid_command);
    const auto promised = encode_response_header({0, 101});
    CHECK(find_response(promised, 100).error() == error_code::invalid_size_bytes);
}

TEST_CASE("flags: presence is set by 1 only, other booleans by anything but 0", "[protocol]") {
    const auto update = bytes_of(1, 4, 0, 0, 0, 0, 2, 2);
    const auto decoded = decode_request<update_user>(update);
    REQUIRE(decoded);
    CHECK_FALSE(decoded->username);
    CHECK_FALSE(decoded->status);
    const auto flush = bytes_of(1, 4, 0, 0, 0, 0, 1, 4, 0, 0, 0, 0, 0, 0, 0, 0, 7);
    CHECK(decode_request<flush_unsaved_buffer>(flush).value().fsync);
}

TEST_CASE("permissions: their length must be that of what is decoded", "[protocol]") {
    std::vector<std::byte> out;
    permissions given;
    given.streams = {{.stream = iggy::stream_id{3}, .topics = {{.topic = iggy::topic_id{1}}}}};
    REQUIRE(encode_request(update_permissions{iggy::user_id{1}, given}, out));
    const std::size_t length_at = frame_header_bytes + 6 + 1;
    const auto length = iggy::load_le<std::uint32_t>(out, length_at);
    const auto status_with = [&](std::uint32_t other) {
        std::vector<std::byte> payload{out.begin() + frame_header_bytes, out.end()};
        iggy::store_le(payload, length_at - frame_header_bytes, other);
        return status_of<update_permissions>(payload);
    };
    CHECK(status_with(length) == 0);
    CHECK(status_with(length - 1) == 4);
    CHECK(status_with(length + 1) == 4);
    CHECK(status_with(UINT32_MAX) == 4);
    CHECK(status_with(0) == 4);
}

TEST_CASE("permissions: of entries with one id the last counts, and ids ascend", "[protocol]") {
    permissions given;
    given.streams = {{.stream = iggy::stream_id{3}, .read_stream = true},
                     {.stream = iggy::stream_id{1}},
                     {.stream = iggy::stream_id{3}, .manage_stream = true}};
    std::vector<std::byte> out;
    REQUIRE(encode_request(update_permissions{iggy::user_id{1}, given}, out));
    const auto decoded = decode_request<update_permissions>(iggy::byte_view{out}.subspan(8));
    const std::vector<stream_permissions> expected{
        {.stream = iggy::stream_id{1}}, {.stream = iggy::stream_id{3}, .manage_stream = true}};
    CHECK(decoded.value().permissions->streams == expected);
}

TEST_CASE("passwords: empty ones decode, empty names do not", "[protocol]") {
    CHECK(status_of<change_password>(bytes_of(1, 4, 0, 0, 0, 0, 0, 0)) == 0);
    CHECK(status_of<create_stream>(bytes_of(0)) == 4);
    CHECK(status_of<create_stream>(bytes_of(1, 0xFF)) == 3);
}

TEST_CASE("snapshot: unknown types and all with others are refused", "[protocol]") {
    CHECK(status_of<get_snapshot>(bytes_of(1, 0)) == 0);
    CHECK(status_of<get_snapshot>(bytes_of(1, 2, 5, 5)) == 0);
    CHECK(status_of<get_snapshot>(bytes_of(1, 1, 7)) == 3);
    CHECK(status_of<get_snapshot>(bytes_of(7, 0)) == 3);
    CHECK(status_of<get_snapshot>(bytes_of(1, 2, 100, 100)) == 3);
}

TEST_CASE("encode: a name that has no wire form leaves the buffer as it was", "[protocol]") {
    for (const std::string& bad : {std::string{}, std::string(256, 'x')}) {
        std::vector<std::byte> out(3);
        const auto encoded = encode_request(create_stream{bad}, out);
        REQUIRE_FALSE(encoded);
        CHECK(encoded.error() == error_code::invalid_format);
        CHECK(out.size() == 3);
    }
}

TEST_CASE("responses: a count that promises more than the payload holds is refused", "[protocol]") {
    // A topic of 4 billion partitions, and none of them there.
    std::vector<std::byte> frame;
    encode_response(topic_info{.partitions_count = UINT32_MAX, .name = "t"}, frame);
    const auto details =
        decode_response<std::optional<topic_details>>(iggy::byte_view{frame}.subspan(8));
    CHECK(details.error() == error_code::invalid_command);
}

TEST_CASE("responses: a poll holds exactly the messages that it counts", "[protocol]") {
    std::vector<std::byte> payload(polled_head::bytes + 64);
    const auto decodes = [&](std::uint32_t count, std::size_t size) {
        iggy::store_le(payload, 12, count);
        return decode_response<polled_messages>(iggy::byte_view{payload}.first(size)).has_value();
    };
    CHECK(decodes(0, 16));
    CHECK(decodes(1, 80));
    CHECK_FALSE(decodes(0, 80));
    CHECK_FALSE(decodes(2, 80));
    CHECK_FALSE(decodes(1, 79));
    CHECK_FALSE(decodes(1, 16));
    CHECK_FALSE(decodes(0, 15));
}

TEST_CASE("identifiers: numbers, names and consumers of both", "[protocol]") {
    CHECK(identifier{}.is_number());
    CHECK(identifier{iggy::stream_id{0}} == identifier{});
    CHECK(identifier{"0"} != identifier{});
    CHECK_FALSE(identifier_view{identifier{""}}.is_number());
    CHECK(to_string(identifier{"orders"}) == "orders");
    CHECK(to_string(identifier{iggy::topic_id{7}}) == "7");
    CHECK(consumer_number(identifier::from_number(5)) == 5);
    CHECK(consumer_number(identifier{"reader-a"}) == 2157324113U);
}

TEST_CASE("utf-8: well-formed text passes, everything else does not", "[protocol]") {
    for (const std::string_view good :
         {"", "plain", "zażółć", "€", "😀", "\xED\x9F\xBF", "\xEE\x80\x80", "\xF4\x8F\xBF\xBF"}) {
        INFO(good);
        CHECK(is_utf8(good));
    }
    for (const std::string_view bad :
         {"\x80", "\xC0\x80", "\xC1\xBF", "\xC3", "\xC3(", "\xE0\x9F\xBF", "\xED\xA0\x80",
          "\xE2\x82", "\xE2(\xA1", "\xE2\x82(", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80",
          "\xF5\x80\x80\x80", "\xFF", "a\xF0\x9F\x98"}) {
        CHECK_FALSE(is_utf8(bad));
    }
}
