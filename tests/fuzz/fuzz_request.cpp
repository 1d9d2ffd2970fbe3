// Input: what a client sends, frame after frame. Whatever decodes must encode and decode again to
// the same value.

#include <iggy/base/assert.hpp>
#include <iggy/protocol/protocol.hpp>

using namespace iggy::protocol;

namespace {

void run_send(iggy::byte_view payload) {
    std::vector<std::byte> bytes{payload.begin(), payload.end()};
    const auto received = decode_send_messages(bytes);
    if (!received) {
        return;
    }
    std::size_t count = 0;
    std::size_t size = 0;
    for (const iggy::message_view message : iggy::message_range{received->messages}) {
        ++count;
        size += message.bytes().size();
        const auto headers = decode_user_headers(message.user_headers());
        if (headers) {
            const auto again = encode_user_headers(*headers).value();
            IGGY_ASSERT(std::ranges::equal(again, message.user_headers()), "headers come back");
        }
    }
    IGGY_ASSERT(count == received->count && size == received->messages.size(),
                "a send that is accepted holds exactly its messages");
}

void run_control(std::uint32_t code, iggy::byte_view payload) {
    const auto request = decode_any_request(code, payload);
    if (!request) {
        return;
    }
    std::vector<std::byte> frame;
    const auto encoded =
        std::visit([&](const auto& held) { return encode_request(held, frame); }, *request);
    IGGY_ASSERT(encoded.has_value(), "what was decoded can be encoded");
    const auto found = find_request(frame).value();
    IGGY_ASSERT(decode_any_request(found->code, found->payload).value() == *request,
                "a request comes back as it was");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    iggy::byte_view rest = std::as_bytes(std::span{data, size});
    while (true) {
        const auto found = find_request(rest);
        if (!found || !*found) {
            return 0;
        }
        const request_frame& frame = **found;
        if (frame.code == static_cast<std::uint32_t>(command_code::send_messages)) {
            run_send(frame.payload);
        } else {
            run_control(frame.code, frame.payload);
        }
        rest = rest.subspan(frame.frame_bytes);
    }
}
