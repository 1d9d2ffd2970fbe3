#include <iggy/storage/store_error.hpp>

namespace iggy::storage {

std::string describe(const store_error& failure) {
    const auto what = describe(static_cast<const error&>(failure));
    return failure.place ? *failure.place + ": " + what : what;
}

}  // namespace iggy::storage
