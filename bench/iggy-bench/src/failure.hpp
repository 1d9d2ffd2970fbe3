#pragma once

#include <string>

#include <iggy/base/expected.hpp>

namespace iggy::bench {

/// Why a run came to nothing: what failed, where and what to do about it, for the user.
struct failure {
    std::string text;
};
inline std::string describe(const failure& why) { return why.text; }

template <class T>
using result = expected<T, failure>;

}  // namespace iggy::bench
