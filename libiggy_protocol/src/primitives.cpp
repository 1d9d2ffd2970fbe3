#include <iggy/protocol/primitives.hpp>

namespace iggy::protocol {

std::string to_string(identifier_view id) {
    return id.is_number() ? std::to_string(id.number()) : std::string{id.name()};
}

}  // namespace iggy::protocol
