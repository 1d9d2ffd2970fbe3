#pragma once

#include <atomic>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <iggy/storage/engine.hpp>

#include "event_fd.hpp"

namespace iggy::storage {

/// Work for a store_thread. Owned by whoever posts it; must live until it was run.
class store_task {
public:
    virtual ~store_task() = default;
    /// On the store's thread. May end the task's life.
    virtual void run(engine& on) noexcept = 0;
};

/// A thread with an engine of its own and a mailbox; sleeps while there is nothing to do.
class store_thread {
public:
    /// Errors: io (no ring, no descriptors).
    static result<std::unique_ptr<store_thread>> start(std::shared_ptr<data_directory> directory);
    /// `stop` was called.
    ~store_thread() = default;

    /// Tasks run in the order in which they were posted. From any thread, also from a task.
    void post(store_task& task);
    /// Is this call made on the store's own thread?
    bool is_current() const noexcept;
    /// Waits until the disk has answered everything, then ends thread and engine. All logs were
    /// closed, and nothing is posted any more.
    void stop();

private:
    explicit store_thread(event_fd mail) : mail_{std::move(mail)} {}
    void serve(std::shared_ptr<data_directory> directory, std::promise<result<done_t>> started);
    void loop(engine& on);
    bool run_mail(engine& on);
    void sleep(engine& on, int timeout_ms);

    event_fd mail_;
    std::mutex mutex_;
    std::vector<store_task*> posted_;  // guarded by mutex_
    bool asleep_ = false;              // guarded by mutex_: a post has to wake the thread
    std::atomic<bool> stopping_{false};
    std::vector<store_task*> running_;  // the thread's own
    std::thread thread_;
};

/// Where one thread waits for another, once.
class completion {
public:
    /// Nothing of the waiter's may be touched afterwards.
    void set() noexcept {
        const std::lock_guard lock{mutex_};
        set_ = true;
        changed_.notify_one();
    }
    void wait() {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [this] { return set_; });
    }
    /// False when the time came first.
    bool wait_until(std::chrono::steady_clock::time_point deadline) {
        std::unique_lock lock{mutex_};
        return changed_.wait_until(lock, deadline, [this] { return set_; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool set_ = false;
};

/// One call on its way: started by `Start(engine&, Operation&)` on the store's thread, awaited on
/// the caller's. Lives on the caller's stack.
template <class Operation, class Start>
class store_call final : public store_task, public Operation {
public:
    explicit store_call(Start begin) : start_{std::move(begin)} {}

    void run(engine& on) noexcept override {
        if (start_(on, static_cast<Operation&>(*this)) == progress::finished) {
            ended.set();
        }
    }
    void on_finished() noexcept override { ended.set(); }

    result<done_t> run_on(store_thread& thread) {
        thread.post(*this);
        ended.wait();
        return this->outcome;
    }

    completion ended;

private:
    Start start_;
};

}  // namespace iggy::storage
