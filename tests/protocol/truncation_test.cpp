#include <algorithm>

#include <iggy/protocol/protocol.hpp>

#include "protocol/golden_frame.hpp"
#include "protocol/request_types.hpp"
#include "support/catch.hpp"

using namespace iggy::protocol;

namespace {

// Exactly `size` bytes in a block of their own, so that a sanitizer sees any read past them.
std::vector<std::byte> head_of(iggy::byte_view bytes, std::size_t size) {
    const auto head = bytes.first(size);
    return {head.begin(), head.end()};
}

bool request_decodes(std::uint32_t code, std::vector<std::byte>& payload) {
    if (code == static_cast<std::uint32_t>(command_code::send_messages)) {
        return decode_send_messages(payload).has_value();
    }
    return decode_any_request(code, payload).has_value();
}

}  // namespace

TEST_CASE("truncation: a request cut at any byte is refused", "[protocol]") {
    for (const golden_frame& frame : golden_frames()) {
        if (!frame.is_request) {
            continue;
        }
        INFO(frame.name);
        const std::size_t needed = frame.payload().size() - frame.trailing_bytes;
        for (std::size_t size = 0; size < needed; ++size) {
            INFO(size);
            auto payload = head_of(frame.payload(), size);
            CHECK_FALSE(request_decodes(frame.code, payload));
        }
    }
}

TEST_CASE("truncation: a response cut at any byte is refused or is a shorter list", "[protocol]") {
    for (const golden_frame& frame : golden_frames()) {
        if (frame.is_request) {
            continue;
        }
        INFO(frame.name);
        with_request_type(frame.code, [&](auto tag) {
            using response = typename decltype(tag)::type::response_type;
            for (std::size_t size = 0; size < frame.payload().size(); ++size) {
                INFO(size);
                const auto payload = head_of(frame.payload(), size);
                const auto decoded = decode_response<response>(payload);
                if (decoded) {
                    CHECK((detail::is_list<response> || detail::is_optional<response>));
                    std::vector<std::byte> again;
                    encode_response(*decoded, again);
                    CHECK(std::ranges::equal(iggy::byte_view{again}.subspan(8), payload));
                }
            }
        });
    }
}

TEST_CASE("truncation: an incomplete frame asks for more bytes", "[protocol]") {
    for (const golden_frame& frame : golden_frames()) {
        INFO(frame.name);
        for (std::size_t size = 0; size < frame.bytes.size(); ++size) {
            const auto head = head_of(frame.bytes, size);
            const auto is_missing_bytes =
                frame.is_request ? !find_request(head).value().has_value()
                                 : !find_response(head, control_payload_bytes_max).value();
            CHECK(is_missing_bytes);
        }
    }
}
