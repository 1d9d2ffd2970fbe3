#pragma once

#include <string>

#include <iggy/base/expected.hpp>

namespace iggy {

/// Why a text is not the value it should be, as the end of a sentence: `unknown unit "parsecs"`.
/// The caller adds whose text it was and, from the `*_form` constants, what would be accepted.
struct text_error {
    std::string reason;
    friend bool operator==(const text_error&, const text_error&) = default;
};

inline std::string describe(const text_error& error) { return error.reason; }

template <class T>
using text_result = expected<T, text_error>;

}  // namespace iggy
