#include <algorithm>

#include <iggy/protocol/messages.hpp>

namespace iggy::protocol {

bool polled_messages::holds_exactly(byte_view bytes, std::uint32_t count) noexcept {
    std::size_t held = 0;
    std::size_t held_bytes = 0;
    for (const message_view message : message_range{bytes}) {
        ++held;
        held_bytes += message.bytes().size();
    }
    return held == count && held_bytes == bytes.size();
}

polled_frame_head encode_polled_head(const polled_head& head,
                                     std::uint32_t messages_bytes) noexcept {
    constexpr std::uint32_t head_bytes = polled_head::bytes;
    polled_frame_head frame{};
    const auto header = encode_response_header({0, head_bytes + messages_bytes});
    std::ranges::copy(header, frame.begin());
    store_le(frame, frame_header_bytes, head.partition.raw());
    store_le(frame, frame_header_bytes + 4, head.current_offset.raw());
    store_le(frame, frame_header_bytes + 12, head.count);
    return frame;
}

}  // namespace iggy::protocol
