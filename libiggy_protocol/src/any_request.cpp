#include <iggy/protocol/any_request.hpp>

#include <type_traits>
#include <utility>

namespace iggy::protocol {

namespace {

template <class Request>
result<any_request> decode_as(byte_view payload) {
    auto request = decode_request<Request>(payload);
    if (!request) {
        return request.error();
    }
    return any_request{std::move(*request)};
}

// Runs through the alternatives until one has the code.
template <std::size_t At = 0>
result<any_request> decode_from(std::uint32_t code, byte_view payload) {
    if constexpr (At == std::variant_size_v<any_request>) {
        return error_code::invalid_command;
    } else {
        using request = std::variant_alternative_t<At, any_request>;
        if (code == static_cast<std::uint32_t>(request::code)) {
            return decode_as<request>(payload);
        }
        return decode_from<At + 1>(code, payload);
    }
}

}  // namespace

result<any_request> decode_any_request(std::uint32_t code, byte_view payload) {
    return decode_from(code, payload);
}

command_code code_of(const any_request& request) noexcept {
    return std::visit([](const auto& held) { return std::remove_cvref_t<decltype(held)>::code; },
                      request);
}

}  // namespace iggy::protocol
