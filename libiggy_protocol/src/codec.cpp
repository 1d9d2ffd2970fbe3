#include <iggy/protocol/codec.hpp>

#include <algorithm>

namespace iggy::protocol {

namespace {

void put_header(std::vector<std::byte>& out, std::size_t frame_at,
                const frame_header_array& header) {
    std::ranges::copy(header, out.begin() + static_cast<std::ptrdiff_t>(frame_at));
}

}  // namespace

namespace detail {

result<done_t> finish_request(std::vector<std::byte>& out, std::size_t frame_at,
                              command_code code) {
    const std::size_t payload_bytes = out.size() - frame_at - frame_header_bytes;
    if (payload_bytes > control_payload_bytes_max) {
        out.resize(frame_at);
        return error_code::invalid_format;
    }
    put_header(out, frame_at,
               encode_request_header(
                   {static_cast<std::uint32_t>(payload_bytes), static_cast<std::uint32_t>(code)}));
    return done;
}

void finish_response(std::vector<std::byte>& out, std::size_t frame_at) {
    const std::size_t payload_bytes = out.size() - frame_at - frame_header_bytes;
    IGGY_ASSERT(payload_bytes <= UINT32_MAX, "what is answered is far smaller than a frame holds");
    put_header(out, frame_at,
               encode_response_header({0, static_cast<std::uint32_t>(payload_bytes)}));
}

}  // namespace detail

void encode_error(error_code code, std::vector<std::byte>& out) {
    const auto header = encode_response_header({static_cast<std::uint32_t>(code), 0});
    out.insert(out.end(), header.begin(), header.end());
}

}  // namespace iggy::protocol
