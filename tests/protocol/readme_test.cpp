// The example of libiggy_protocol/README.md: what stands between the two marks is that example.
#include <iggy/protocol/protocol.hpp>

#include "support/catch.hpp"

namespace {

// README: begin
using namespace iggy::protocol;

/// A client's side: one frame, ready to be sent.
std::vector<std::byte> ask_for_a_stream(std::string name) {
    std::vector<std::byte> frame;
    encode_request(create_stream{.name = std::move(name)}, frame).value();
    return frame;
}

/// A server's side: the frame that answers whatever arrived.
std::vector<std::byte> answer(iggy::byte_view received) {
    std::vector<std::byte> response;
    const auto frame = find_request(received);
    if (!frame) {
        encode_error(frame.error(), response);
        return response;
    }
    if (!*frame) {
        return response;  // bytes are missing: read more and call again
    }
    const auto request = decode_any_request((*frame)->code, (*frame)->payload);
    if (!request) {
        encode_error(request.error(), response);
    } else if (const auto* create = std::get_if<create_stream>(&*request)) {
        encode_response(stream_info{.id = iggy::stream_id{0}, .name = create->name}, response);
    } else {
        encode_error(error_code::feature_unavailable, response);
    }
    return response;
}

/// The client's side again.
std::string created_name(iggy::byte_view received) {
    const auto frame = find_response(received, control_payload_bytes_max).value();
    return decode_response<create_stream::response_type>(frame->payload).value().name;
}
// README: end

}  // namespace

TEST_CASE("readme: the example runs", "[protocol]") {
    const auto request = ask_for_a_stream("orders");
    CHECK(answer(iggy::byte_view{request}.first(request.size() - 1)).empty());
    CHECK(created_name(answer(request)) == "orders");
    std::vector<std::byte> ping_frame;
    REQUIRE(encode_request(ping{}, ping_frame));
    CHECK(find_response(answer(ping_frame), 0).value()->status == 5);
}
