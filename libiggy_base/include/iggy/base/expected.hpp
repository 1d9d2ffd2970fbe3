#pragma once

#include <exception>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include <iggy/base/assert.hpp>

namespace iggy {

/// The value of an operation that succeeded and has nothing to say.
struct done_t {
    friend constexpr bool operator==(done_t, done_t) { return true; }
};
inline constexpr done_t done{};

/// Thrown by `expected::value()` on an error; `what()` is the full description.
template <class E>
class bad_expected_access : public std::exception {
public:
    explicit bad_expected_access(E error) : error_{std::move(error)}, text_{describe(error_)} {}
    const char* what() const noexcept override { return text_.c_str(); }
    const E& error() const noexcept { return error_; }

private:
    E error_;
    std::string text_;
};

/// A value or an error, with the member names of std::expected (C++23), which GCC 12 lacks in
/// C++20. `E` needs a `std::string describe(const E&)` in its own namespace.
template <class T, class E>
class [[nodiscard]] expected {
public:
    using value_type = T;
    using error_type = E;

    expected()
        requires std::is_default_constructible_v<T>
        : state_{std::in_place_index<0>} {}
    template <class U = T>
        requires(std::is_constructible_v<T, U &&> &&
                 !std::is_same_v<std::remove_cvref_t<U>, expected> &&
                 !std::is_same_v<std::remove_cvref_t<U>, E>)
    expected(U&& value)  // NOLINT(google-explicit-constructor): as std::expected
        : state_{std::in_place_index<0>, std::forward<U>(value)} {}
    /// Also from what converts to E, so that a function may return a bare code.
    template <class G>
        requires(std::is_convertible_v<G &&, E> &&
                 !std::is_same_v<std::remove_cvref_t<G>, expected> &&
                 (std::is_same_v<std::remove_cvref_t<G>, E> || !std::is_constructible_v<T, G &&>))
    expected(G&& error)  // NOLINT(google-explicit-constructor): lets a function return its error
        : state_{std::in_place_index<1>, std::forward<G>(error)} {}

    bool has_value() const noexcept { return state_.index() == 0; }
    explicit operator bool() const noexcept { return has_value(); }

    T& operator*() & noexcept { return checked_value(); }
    const T& operator*() const& noexcept { return const_cast<expected*>(this)->checked_value(); }
    T&& operator*() && noexcept { return std::move(checked_value()); }
    T* operator->() noexcept { return &checked_value(); }
    const T* operator->() const noexcept { return &const_cast<expected*>(this)->checked_value(); }

    /// The value; throws bad_expected_access with the full description of the error.
    T& value() & {
        throw_on_error();
        return checked_value();
    }
    const T& value() const& {
        throw_on_error();
        return **this;
    }
    /// On a temporary: by value, so that a range-for over it is safe.
    T value() && {
        throw_on_error();
        return std::move(checked_value());
    }

    template <class U>
    T value_or(U&& other) const& {
        return has_value() ? **this : static_cast<T>(std::forward<U>(other));
    }

    const E& error() const noexcept {
        IGGY_ASSERT(!has_value(), "an error is asked for only where there is one");
        return *std::get_if<1>(&state_);
    }

private:
    T& checked_value() noexcept {
        IGGY_ASSERT(has_value(), "a value is used only after the error was ruled out");
        return *std::get_if<0>(&state_);
    }
    void throw_on_error() const {
        if (!has_value()) {
            throw bad_expected_access<E>{error()};
        }
    }

    std::variant<T, E> state_;
};

}  // namespace iggy
