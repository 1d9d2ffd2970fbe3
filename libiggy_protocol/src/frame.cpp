#include <iggy/protocol/frame.hpp>

namespace iggy::protocol {

namespace {

constexpr std::uint32_t code_bytes = sizeof(std::uint32_t);

frame_header_array two_numbers(std::uint32_t first, std::uint32_t second) noexcept {
    frame_header_array bytes{};
    store_le(bytes, 0, first);
    store_le(bytes, sizeof first, second);
    return bytes;
}

}  // namespace

result<request_header> decode_request_header(frame_header_bytes_view bytes) noexcept {
    const auto length = load_le<std::uint32_t>(bytes, 0);
    if (length < code_bytes) {
        return error_code::invalid_command;
    }
    return request_header{length - code_bytes, load_le<std::uint32_t>(bytes, code_bytes)};
}

response_header decode_response_header(frame_header_bytes_view bytes) noexcept {
    return {load_le<std::uint32_t>(bytes, 0), load_le<std::uint32_t>(bytes, sizeof(std::uint32_t))};
}

frame_header_array encode_request_header(request_header header) noexcept {
    return two_numbers(header.payload_bytes + code_bytes, header.code);
}

frame_header_array encode_response_header(response_header header) noexcept {
    return two_numbers(header.status, header.payload_bytes);
}

result<std::optional<request_frame>> find_request(byte_view bytes,
                                                  std::uint32_t payload_bytes_max) noexcept {
    if (bytes.size() < frame_header_bytes) {
        return std::optional<request_frame>{};
    }
    const auto header = decode_request_header(bytes.first<frame_header_bytes>());
    if (!header) {
        return header.error();
    }
    if (header->payload_bytes > payload_bytes_max) {
        return error_code::invalid_command;
    }
    const byte_view rest = bytes.subspan(frame_header_bytes);
    if (rest.size() < header->payload_bytes) {
        return std::optional<request_frame>{};
    }
    return std::optional{request_frame{header->code, rest.first(header->payload_bytes),
                                       frame_header_bytes + header->payload_bytes}};
}

result<std::optional<response_frame>> find_response(byte_view bytes,
                                                    std::uint32_t payload_bytes_max) noexcept {
    if (bytes.size() < frame_header_bytes) {
        return std::optional<response_frame>{};
    }
    const auto header = decode_response_header(bytes.first<frame_header_bytes>());
    if (header.payload_bytes > payload_bytes_max) {
        return error_code::invalid_size_bytes;
    }
    const byte_view rest = bytes.subspan(frame_header_bytes);
    if (rest.size() < header.payload_bytes) {
        return std::optional<response_frame>{};
    }
    return std::optional{response_frame{header.status, rest.first(header.payload_bytes),
                                        frame_header_bytes + header.payload_bytes}};
}

}  // namespace iggy::protocol
