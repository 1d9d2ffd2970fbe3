#include <rapidcheck.h>
#include <iggy/protocol/protocol.hpp>

#include "protocol/random_filler.hpp"
#include "protocol/request_types.hpp"
#include "support/catch.hpp"

using namespace iggy::protocol;

namespace {

// Made up by the layout itself where it can, by hand where values depend on each other.
template <class Request>
Request random_request(random_filler& fill) {
    Request request;
    fill.value(request);
    if constexpr (std::is_same_v<Request, get_snapshot>) {
        request.types = {snapshot_type::all};
        if (fill.up_to(1) == 0) {
            request.types = {snapshot_type::test, snapshot_type::server_config,
                             snapshot_type::test};
        }
    }
    return request;
}

template <class Request>
void check_request(std::uint64_t seed) {
    random_filler fill{seed};
    const auto request = random_request<Request>(fill);
    std::vector<std::byte> frame;
    RC_ASSERT(encode_request(request, frame).has_value());
    const auto found = find_request(frame).value();
    RC_ASSERT(found.has_value());
    RC_ASSERT(found->frame_bytes == frame.size());
    const auto decoded = decode_any_request(found->code, found->payload);
    RC_ASSERT(decoded.has_value());
    RC_ASSERT(std::holds_alternative<Request>(*decoded));
    RC_ASSERT(std::get<Request>(*decoded) == request);
}

template <class Response>
Response random_response(random_filler& fill) {
    Response response{};
    if constexpr (detail::is_optional<Response>) {
        if (fill.up_to(1) == 0) {
            fill.value(response.emplace());
        }
    } else if constexpr (detail::is_list<Response>) {
        fill.until_end(response);
    } else {
        fill.value(response);
    }
    return response;
}

template <class Response>
void check_response(std::uint64_t seed) {
    random_filler fill{seed};
    const auto response = random_response<Response>(fill);
    std::vector<std::byte> frame;
    encode_response(response, frame);
    const auto found = find_response(frame, control_payload_bytes_max).value();
    RC_ASSERT(found.has_value());
    RC_ASSERT(found->status == 0U);
    const auto decoded = decode_response<Response>(found->payload);
    RC_ASSERT(decoded.has_value());
    RC_ASSERT(*decoded == response);
}

std::vector<std::byte> random_bytes(random_filler& fill, std::uint64_t size_max) {
    std::vector<std::byte> bytes(fill.up_to(size_max));
    for (std::byte& byte : bytes) {
        byte = static_cast<std::byte>(fill.up_to(255));
    }
    return bytes;
}

}  // namespace

TEST_CASE("roundtrip: every request decodes to what was encoded", "[protocol][property]") {
    CHECK(rc::check("requests", [](std::uint64_t seed) {
        for_each_request_type([&](auto tag) { check_request<typename decltype(tag)::type>(seed); });
    }));
}

TEST_CASE("roundtrip: every response decodes to what was encoded", "[protocol][property]") {
    CHECK(rc::check("responses", [](std::uint64_t seed) {
        for_each_request_type([&](auto tag) {
            using response = typename decltype(tag)::type::response_type;
            // The answer to a poll borrows its messages; a test of its own covers it.
            if constexpr (!std::is_same_v<response, polled_messages>) {
                check_response<response>(seed);
            }
        });
    }));
}

TEST_CASE("roundtrip: a send arrives as it was made", "[protocol][property]") {
    const bool holds = rc::check("sends", [](std::uint64_t seed) {
        random_filler fill{seed};
        std::vector<std::vector<std::byte>> payloads(1 + fill.up_to(20));
        std::vector<outgoing_message> messages;
        for (auto& payload : payloads) {
            payload = random_bytes(fill, 300);
            const iggy::message_id id{static_cast<std::byte>(fill.up_to(255))};
            messages.push_back({id, payload, iggy::byte_view{payload}.first(payload.size() / 2),
                                fill.up_to(UINT64_MAX)});
        }
        send_messages request{identifier{}, identifier{}, {}, messages};
        fill.values(request.stream, request.topic, request.partitioning);
        std::vector<std::byte> frame(3);  // what stands in the buffer already stays
        RC_ASSERT(encode_request(request, frame).has_value());
        const auto found =
            find_request(iggy::byte_view{frame}.subspan(3), request_payload_bytes_max).value();
        RC_ASSERT(found.has_value());
        RC_ASSERT(found->frame_bytes == frame.size() - 3);

        const auto received =
            decode_send_messages(iggy::byte_span{frame}.subspan(3 + frame_header_bytes));
        RC_ASSERT(received.has_value());
        RC_ASSERT(received->stream == identifier_view{request.stream});
        RC_ASSERT(received->topic == identifier_view{request.topic});
        RC_ASSERT(received->count == messages.size());
        std::size_t at = 0;
        for (const iggy::message_view message : iggy::message_range{received->messages}) {
            RC_ASSERT(message.id() == messages[at].id);
            RC_ASSERT(std::ranges::equal(message.payload(), messages[at].payload));
            RC_ASSERT(std::ranges::equal(message.user_headers(), messages[at].user_headers));
            RC_ASSERT(message.origin_timestamp() == messages[at].origin_timestamp);
            ++at;
        }
        RC_ASSERT(at == messages.size());
    });
    CHECK(holds);
}

TEST_CASE("roundtrip: arbitrary bytes are never decoded to something that encodes otherwise",
          "[protocol][property]") {
    CHECK(rc::check("arbitrary payloads", [](std::vector<std::uint8_t> bytes) {
        const iggy::byte_view payload = std::as_bytes(std::span{bytes});
        for_each_request_type([&](auto tag) {
            using request = typename decltype(tag)::type;
            const auto decoded = decode_request<request>(payload);
            if (decoded) {
                std::vector<std::byte> frame;
                RC_ASSERT(encode_request(*decoded, frame).has_value());
                const auto again =
                    decode_request<request>(iggy::byte_view{frame}.subspan(frame_header_bytes));
                RC_ASSERT(again.has_value());
                RC_ASSERT(*again == *decoded);
            }
        });
    }));
}
