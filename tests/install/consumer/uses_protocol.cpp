#include <iggy/protocol/protocol.hpp>
#include <iostream>

int main() {
    using namespace iggy::protocol;
    std::vector<std::byte> bytes;
    encode_request(create_stream{.name = "orders"}, bytes).value();
    const auto frame = find_request(bytes).value();
    const auto request = decode_any_request(frame->code, frame->payload).value();
    std::cout << std::get<create_stream>(request).name << '\n';
}
