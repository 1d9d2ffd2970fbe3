#include <iggy/base/checksum.hpp>
#include <iggy/base/message.hpp>
#include <iostream>

int main() {
    const std::array<std::byte, iggy::message_layout::header_bytes> header{};
    std::cout << iggy::announced_message_bytes(header).value_or(0) << ' '
              << iggy::xxh32(iggy::as_bytes("")) << '\n';
}
