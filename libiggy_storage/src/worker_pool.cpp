#include "worker_pool.hpp"

#include <algorithm>
#include <system_error>

#include <pthread.h>
#include <signal.h>

#include <iggy/base/assert.hpp>

namespace iggy::storage {

namespace {

/// Blocks all signals on this thread, and so on those it starts, while it lives.
class signals_blocked {
public:
    signals_blocked() noexcept {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    signals_blocked(const signals_blocked&) = delete;
    signals_blocked& operator=(const signals_blocked&) = delete;
    ~signals_blocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

private:
    sigset_t before_;
};

}  // namespace

worker_pool::worker_pool(std::size_t threads_max)
    : threads_max_{std::max<std::size_t>(threads_max, 1)} {
    threads_.reserve(threads_max_);
    start_thread();
}

worker_pool::~worker_pool() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) {
        thread.join();
    }
    IGGY_ASSERT(waiting_.empty(), "the helper threads end when nothing waits");
}

void worker_pool::submit(job_list& jobs, std::size_t count) {
    const std::lock_guard lock{mutex_};
    waiting_.append(jobs);
    waiting_count_ += count;
    while (waiting_count_ > threads_.size() - busy_ && threads_.size() < threads_max_) {
        try {
            start_thread();
        } catch (const std::system_error&) {
            break;  // those that run will do it
        }
    }
    if (count == 1) {
        wake_.notify_one();
    } else {
        wake_.notify_all();
    }
}

void worker_pool::start_thread() {
    const signals_blocked block;
    threads_.emplace_back([this] { work(); });
}

void worker_pool::work() {
    ::pthread_setname_np(::pthread_self(), "storage-helper");
    std::unique_lock lock{mutex_};
    for (;;) {
        while (job* const next = waiting_.pop_front()) {
            --waiting_count_;
            ++busy_;
            lock.unlock();
            next->execute();
            lock.lock();
            --busy_;
        }
        if (stopping_) {
            return;
        }
        wake_.wait(lock);
    }
}

}  // namespace iggy::storage
