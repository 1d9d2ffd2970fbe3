#pragma once

#include <atomic>
#include <utility>

namespace iggy::server {

/// When the memory limit is reached, connections stop reading and keep what they hold of the frames
/// they began. So that they do not wait for each other for ever, one at a time may exceed the limit
/// to finish its frame. Shared by all shards; thread-safe.
class overdraft {
public:
    /// The right to exceed the limit, or nothing; given back by its destructor.
    class permit {
    public:
        permit() = default;
        permit(permit&& other) noexcept : from_{std::exchange(other.from_, nullptr)} {}
        permit& operator=(permit&& other) noexcept {
            std::swap(from_, other.from_);
            return *this;
        }
        ~permit() {
            if (from_ != nullptr) {
                from_->taken_.store(false, std::memory_order_release);
            }
        }
        explicit operator bool() const noexcept { return from_ != nullptr; }

    private:
        friend class overdraft;
        explicit permit(overdraft& from) noexcept : from_{&from} {}
        overdraft* from_ = nullptr;
    };

    permit try_take() noexcept {
        return taken_.exchange(true, std::memory_order_acquire) ? permit{} : permit{*this};
    }

private:
    std::atomic<bool> taken_{false};
};

}  // namespace iggy::server
