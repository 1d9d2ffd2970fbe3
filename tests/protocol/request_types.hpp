#pragma once

#include <type_traits>
#include <utility>
#include <variant>

#include <iggy/protocol/any_request.hpp>

/// Names a request type to a generic lambda.
template <class Request>
struct request_tag {
    using type = Request;
};

/// Calls `visit(request_tag<Request>{})` for each type of `any_request`.
template <class Visit>
void for_each_request_type(Visit visit) {
    [&]<std::size_t... At>(std::index_sequence<At...>) {
        (visit(request_tag<std::variant_alternative_t<At, iggy::protocol::any_request>>{}), ...);
    }(std::make_index_sequence<std::variant_size_v<iggy::protocol::any_request>>{});
}

/// Calls `visit(request_tag<Request>{})` for the type of the command with this code.
template <class Visit>
void with_request_type(std::uint32_t code, Visit visit) {
    for_each_request_type([&](auto tag) {
        if (static_cast<std::uint32_t>(decltype(tag)::type::code) == code) {
            visit(tag);
        }
    });
}
