// Input: the code of a command (u32), then the payload of its answer. Whatever decodes must encode
// and decode again to the same value.

#include <iggy/base/assert.hpp>
#include <iggy/protocol/protocol.hpp>

#include "protocol/request_types.hpp"

using namespace iggy::protocol;

namespace {

template <class Response>
bool same(const Response& one, const Response& other) {
    if constexpr (std::is_same_v<Response, polled_messages>) {
        return one.head == other.head && std::ranges::equal(one.bytes, other.bytes);
    } else if constexpr (std::is_same_v<Response, stats>) {
        // Floats that are no numbers differ from themselves: compare what they are sent as.
        std::vector<std::byte> one_bytes;
        std::vector<std::byte> other_bytes;
        encode_response(one, one_bytes);
        encode_response(other, other_bytes);
        return one_bytes == other_bytes;
    } else {
        return one == other;
    }
}

template <class Response>
void run(iggy::byte_view payload) {
    const auto response = decode_response<Response>(payload);
    if (!response) {
        return;
    }
    std::vector<std::byte> frame;
    encode_response(*response, frame);
    const auto found = find_response(frame, UINT32_MAX).value();
    IGGY_ASSERT(same(decode_response<Response>(found->payload).value(), *response),
                "a response comes back as it was");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const iggy::byte_view bytes = std::as_bytes(std::span{data, size});
    if (bytes.size() < sizeof(std::uint32_t)) {
        return 0;
    }
    with_request_type(iggy::load_le<std::uint32_t>(bytes, 0), [&](auto tag) {
        run<typename decltype(tag)::type::response_type>(bytes.subspan(sizeof(std::uint32_t)));
    });
    return 0;
}
