#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <iggy/base/assert.hpp>
#include <iggy/storage/store.hpp>

#include "store_thread.hpp"

namespace iggy::storage {

/// Counts the calls that are inside, so that closing can refuse new ones and wait for the rest.
class call_gate {
public:
    [[nodiscard]] bool enter() noexcept {
        const std::lock_guard lock{mutex_};
        if (closed_) {
            return false;
        }
        ++inside_;
        return true;
    }
    void leave() noexcept {
        const std::lock_guard lock{mutex_};
        if (--inside_ == 0 && closed_) {
            emptied_.notify_all();
        }
    }
    void close() noexcept {
        const std::lock_guard lock{mutex_};
        closed_ = true;
    }
    void wait_until_empty() {
        std::unique_lock lock{mutex_};
        emptied_.wait(lock, [this] { return inside_ == 0; });
    }

private:
    std::mutex mutex_;
    std::condition_variable emptied_;
    std::size_t inside_ = 0;
    bool closed_ = false;
};

/// One call inside the gate, or refused by it.
class call_pass {
public:
    explicit call_pass(call_gate& gate) noexcept : gate_{gate.enter() ? &gate : nullptr} {}
    ~call_pass() {
        if (gate_ != nullptr) {
            gate_->leave();
        }
    }
    call_pass(const call_pass&) = delete;
    call_pass& operator=(const call_pass&) = delete;
    explicit operator bool() const noexcept { return gate_ != nullptr; }

private:
    call_gate* gate_;
};

/// A store behind its handles. Its `store` closes it before letting go.
struct store_core {
    std::shared_ptr<const std::string> place;
    call_gate gate;
    // Both until the gate was closed and is empty.
    std::shared_ptr<data_directory> directory;
    std::vector<std::unique_ptr<store_thread>> threads;

    /// Logs are opened, removed and closed one call at a time. Taken before the gate is entered.
    std::mutex names_mutex;
    std::unordered_map<log_uid, std::string> opened;  // with their paths; guarded by names_mutex
    std::optional<store_error> close_failure;         // guarded by names_mutex
    bool closed = false;                              // guarded by names_mutex

    store_thread& thread_of(log_uid uid) const { return *threads[uid.raw() % threads.size()]; }
    store_error located(const error& failure) const { return {failure, place}; }
    store_error located(const error& failure, std::string_view path) const {
        return {failure, std::make_shared<const std::string>(*place + '/' + std::string{path})};
    }
    void assert_may_wait() const {
        for (const auto& thread : threads) {
            IGGY_ASSERT(!thread->is_current(), "a commit callback makes no call that waits");
        }
    }
    store_result<done_t> close();
};

/// A log behind its handles.
struct log_core {
    std::shared_ptr<store_core> owner;
    log_uid uid;
    std::string path;
    std::shared_ptr<const std::string> place;

    store_error located(const error& failure) const { return {failure, place}; }
};

}  // namespace iggy::storage
