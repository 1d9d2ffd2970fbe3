#pragma once

#include <memory>

namespace iggy::bench {

/// Calls the C function that ends an object.
template <auto End>
struct ends {
    template <class T>
    void operator()(T* what) const noexcept {
        End(what);
    }
};
/// An object of a C library, ended by `End`.
template <class T, auto End>
using c_object = std::unique_ptr<T, ends<End>>;

}  // namespace iggy::bench
