#pragma once

#include <algorithm>
#include <chrono>

namespace iggy::client {

/// The moment at which waiting ends.
class deadline {
public:
    explicit deadline(std::chrono::milliseconds from_now) noexcept
        : at_{std::chrono::steady_clock::now() + from_now} {}

    /// What is left, rounded up to whole milliseconds as poll() takes them; 0 when it is over.
    int left_ms() const noexcept {
        constexpr std::chrono::milliseconds step_max = std::chrono::hours{1};  // callers ask again
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(at_ - std::chrono::steady_clock::now());
        return static_cast<int>(std::clamp(left, std::chrono::milliseconds{0}, step_max).count());
    }
    std::chrono::steady_clock::time_point at() const noexcept { return at_; }

private:
    std::chrono::steady_clock::time_point at_;
};

}  // namespace iggy::client
