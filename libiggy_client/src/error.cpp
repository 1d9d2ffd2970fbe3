#include <iggy/client/error.hpp>

namespace iggy::client {

std::string describe(const error& failure) {
    return failure.text.empty() ? "the call failed for an unknown reason" : failure.text;
}

}  // namespace iggy::client
