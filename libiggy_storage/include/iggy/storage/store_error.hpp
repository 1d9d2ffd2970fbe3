#pragma once

#include <memory>
#include <string>

#include <iggy/storage/error.hpp>

namespace iggy::storage {

/// An `error` that knows where it happened, so that `.value()` throws a text which names the store
/// and the log. Keeps nothing of the store alive.
struct store_error : error {
    store_error() = default;
    store_error(const error& what, std::shared_ptr<const std::string> where = {})
        : error{what}, place{std::move(where)} {}  // NOLINT(google-explicit-constructor)
    store_error(errc what, std::shared_ptr<const std::string> where = {})
        : error{what}, place{std::move(where)} {}  // NOLINT(google-explicit-constructor)

    std::shared_ptr<const std::string> place;  ///< path of the store or log; may be null
};

/// Where, what, why, and what to do about it.
std::string describe(const store_error& failure);

template <class T>
using store_result = iggy::expected<T, store_error>;

}  // namespace iggy::storage
