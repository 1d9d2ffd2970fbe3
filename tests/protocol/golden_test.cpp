#include <algorithm>
#include <array>
#include <string_view>

#include <iggy/protocol/protocol.hpp>

#include "protocol/field_list.hpp"
#include "protocol/golden_frame.hpp"
#include "protocol/request_types.hpp"
#include "support/catch.hpp"

using namespace iggy::protocol;

namespace {

constexpr auto send_code = static_cast<std::uint32_t>(command_code::send_messages);

// What the frame lists, without what decoded values do not carry: text lengths, ignored bytes, and
// the index of a send.
field_values expected_fields(const golden_frame& frame) {
    field_values fields = frame.fields;
    std::erase_if(fields, [](const auto& field) {
        const std::string_view name = field.first;
        return name.ends_with(".len") || name == "trailing" || name == "metadata_length" ||
               name.starts_with("indexes[");
    });
    return fields;
}

std::vector<std::byte> without_trailing_bytes(const golden_frame& frame) {
    std::vector<std::byte> bytes = frame.bytes;
    bytes.resize(bytes.size() - frame.trailing_bytes);
    const auto payload_bytes = static_cast<std::uint32_t>(bytes.size() - frame_header_bytes);
    std::ranges::copy(encode_request_header({payload_bytes, frame.code}), bytes.begin());
    return bytes;
}

partitioning owned(const partitioning_view& view) {
    return {view.kind, view.partition, std::string{iggy::as_text(view.key)}};
}
identifier owned(identifier_view id) {
    return id.is_number() ? identifier::from_number(id.number()) : identifier{id.name()};
}

// Sends again what was received, with user headers decoded and encoded once more.
std::vector<std::byte> encode_again(const received_messages& received) {
    std::vector<std::vector<std::byte>> headers;
    std::vector<outgoing_message> messages;
    for (const iggy::message_view message : iggy::message_range{received.messages}) {
        const auto decoded = decode_user_headers(message.user_headers()).value();
        headers.push_back(encode_user_headers(decoded).value());
        messages.push_back(
            {message.id(), message.payload(), headers.back(), message.origin_timestamp()});
    }
    const send_messages request{owned(received.stream), owned(received.topic),
                                owned(received.partitioning), messages};
    std::vector<std::byte> out;
    REQUIRE(encode_request(request, out));
    return out;
}

void check_send(const golden_frame& frame) {
    std::vector<std::byte> bytes = frame.bytes;
    const auto received = decode_send_messages(iggy::byte_span{bytes}.subspan(frame_header_bytes));
    REQUIRE(received);
    field_list fields;
    list(fields, *received);
    CHECK(fields.values() == expected_fields(frame));
    CHECK(encode_again(*received) == frame.bytes);
}

void check_request(const golden_frame& frame) {
    const auto request = decode_any_request(frame.code, frame.payload());
    REQUIRE(request);
    CHECK(static_cast<std::uint32_t>(code_of(*request)) == frame.code);
    field_list fields;
    list(fields, *request);
    CHECK(fields.values() == expected_fields(frame));
    std::vector<std::byte> out;
    REQUIRE(std::visit([&](const auto& held) { return encode_request(held, out); }, *request));
    CHECK(out == without_trailing_bytes(frame));
}

template <class Response>
void check_response(const golden_frame& frame) {
    const auto response = decode_response<Response>(frame.payload());
    REQUIRE(response);
    field_list fields;
    list(fields, *response);
    CHECK(fields.values() == expected_fields(frame));
    std::vector<std::byte> out;
    encode_response(*response, out);
    CHECK(out == frame.bytes);
}

}  // namespace

TEST_CASE("golden: every request decodes to its fields and encodes back", "[protocol][golden]") {
    int frames = 0;
    for (const golden_frame& frame : golden_frames()) {
        if (!frame.is_request) {
            continue;
        }
        ++frames;
        INFO(frame.name);
        const auto found = find_request(frame.bytes);
        REQUIRE(found);
        REQUIRE(*found);
        CHECK((*found)->code == frame.code);
        CHECK((*found)->frame_bytes == frame.bytes.size());
        frame.code == send_code ? check_send(frame) : check_request(frame);
    }
    CHECK(frames == 68);
}

TEST_CASE("golden: every response decodes to its fields and encodes back", "[protocol][golden]") {
    int frames = 0;
    for (const golden_frame& frame : golden_frames()) {
        if (frame.is_request) {
            continue;
        }
        ++frames;
        INFO(frame.name);
        const auto found = find_response(frame.bytes, control_payload_bytes_max);
        REQUIRE(found);
        REQUIRE(*found);
        if ((*found)->status != 0) {
            std::vector<std::byte> out;
            encode_error(to_error_code((*found)->status), out);
            CHECK(out == frame.bytes);
        } else if (frame.code == send_code) {
            check_response<empty_response>(frame);
        } else {
            bool known = false;
            with_request_type(frame.code, [&](auto tag) {
                known = true;
                check_response<typename decltype(tag)::type::response_type>(frame);
            });
            CHECK(known);
        }
    }
    CHECK(frames == 29);
}

TEST_CASE("golden: the head that a server sends before messages is that of the whole answer",
          "[protocol][golden]") {
    for (const golden_frame& frame : golden_frames()) {
        if (frame.is_request ||
            frame.code != static_cast<std::uint32_t>(command_code::poll_messages)) {
            continue;
        }
        INFO(frame.name);
        const auto polled = decode_response<polled_messages>(frame.payload()).value();
        const auto messages_bytes = static_cast<std::uint32_t>(polled.bytes.size());
        const auto head = encode_polled_head(polled.head, messages_bytes);
        CHECK(std::ranges::equal(head, iggy::byte_view{frame.bytes}.first(head.size())));
        for (const iggy::message_view message : polled.messages()) {
            CHECK(message.checksum_matches());
        }
    }
}

TEST_CASE("golden: a rejected request gets its status from decoding, or needs the server",
          "[protocol][golden]") {
    // These decode well; what refuses them are the server's own rules.
    constexpr std::array<std::string_view, 6> for_the_server{
        "login_user_short_username",        "login_user_short_password",
        "create_topic_unknown_compression", "create_topic_too_many_partitions",
        "create_partitions_zero",           "get_client_zero"};
    for (const golden_frame& frame : rejected_frames()) {
        INFO(frame.name);
        std::vector<std::byte> bytes = frame.bytes;
        std::uint32_t status = 0;
        if (frame.code == send_code) {
            const auto sent =
                decode_send_messages(iggy::byte_span{bytes}.subspan(frame_header_bytes));
            status = sent ? 0 : static_cast<std::uint32_t>(sent.error());
        } else {
            const auto request = decode_any_request(frame.code, frame.payload());
            status = request ? 0 : static_cast<std::uint32_t>(request.error());
        }
        const bool passes = std::ranges::find(for_the_server, frame.name) != for_the_server.end();
        CHECK(status == (passes ? 0 : frame.expected_status));
    }
    CHECK(rejected_frames().size() == 30);
}

TEST_CASE("golden: hashes agree with the published values", "[protocol][golden]") {
    for (const golden_hash& hash : golden_hashes()) {
        INFO(hash.name);
        const bool is_32_bits = hash.algorithm.starts_with("XXH32");
        CHECK((is_32_bits ? iggy::xxh32(hash.input) : iggy::xxh3_64(hash.input)) == hash.output);
    }
}
