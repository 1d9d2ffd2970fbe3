#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

#include "catalog/catalog_state.hpp"

namespace iggy::server {

/// The newest state of the catalog, for every thread. One writer publishes.
class published_catalog {
public:
    /// The writer's thread.
    void publish(std::shared_ptr<const catalog_state> next) {
        {
            const std::lock_guard guard{guard_};
            state_.swap(next);
            version_.fetch_add(1, std::memory_order_release);
        }
        // What was published before may end here, outside the lock.
    }

    /// The state that was published last; never null. Takes a lock: shards use a catalog_view.
    std::shared_ptr<const catalog_state> current() const {
        const std::lock_guard guard{guard_};
        return state_;
    }
    /// Changes with each publication.
    std::uint64_t version() const noexcept { return version_.load(std::memory_order_acquire); }

private:
    mutable std::mutex guard_;
    std::shared_ptr<const catalog_state> state_ = std::make_shared<const catalog_state>();
    std::atomic<std::uint64_t> version_{0};
};

/// One thread's view of the catalog: costs one atomic read unless something changed. `source` must
/// outlive it.
class catalog_view {
public:
    explicit catalog_view(const published_catalog& source)
        : source_{source}, version_{source.version()}, state_{source.current()} {}

    /// The newest state. The reference is good until the next call: hold the pointer across a
    /// suspension.
    const std::shared_ptr<const catalog_state>& current() {
        const std::uint64_t newest = source_.version();
        if (newest != version_) {
            state_ = source_.current();
            version_ = newest;
        }
        return state_;
    }

private:
    const published_catalog& source_;
    std::uint64_t version_;
    std::shared_ptr<const catalog_state> state_;
};

}  // namespace iggy::server
