#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>
#include <vector>

namespace iggy::storage {

/// One piece of blocking work. Owned by whoever queued it, and must stay where it is until
/// `execute` hands it back; the pool does not touch it after calling that.
class job {
public:
    virtual ~job() = default;
    /// On a helper thread. Does not throw.
    virtual void execute() noexcept = 0;

private:
    friend class job_list;
    job* next_ = nullptr;
};

/// Jobs in the order they came, chained through themselves: queueing never allocates.
class job_list {
public:
    bool empty() const noexcept { return first_ == nullptr; }
    void push_back(job& added) noexcept {
        added.next_ = nullptr;
        (first_ == nullptr ? first_ : last_->next_) = &added;
        last_ = &added;
    }
    void append(job_list& other) noexcept {
        if (!other.empty()) {
            (first_ == nullptr ? first_ : last_->next_) = other.first_;
            last_ = other.last_;
            other = {};
        }
    }
    job* pop_front() noexcept {
        job* const front = first_;
        if (front != nullptr) {
            first_ = front->next_;
        }
        return front;
    }

private:
    job* first_ = nullptr;
    job* last_ = nullptr;  // meaningless while empty
};

/// A few threads for calls that block: syncs, cold reads, directories. Shared by all queues of a
/// store. Thread-safe. Threads start when there is work for them; signals go elsewhere.
class worker_pool {
public:
    static constexpr std::size_t default_threads = 8;

    /// `threads_max`: at least 1. The first thread starts at once; throws std::system_error when it
    /// cannot.
    explicit worker_pool(std::size_t threads_max = default_threads);
    worker_pool(const worker_pool&) = delete;
    worker_pool& operator=(const worker_pool&) = delete;
    /// Ends after all queued jobs were executed.
    ~worker_pool();

    /// Queues all jobs of the list and leaves it empty.
    void submit(job_list& jobs, std::size_t count);

private:
    void start_thread();
    void work();

    std::size_t threads_max_;
    std::mutex mutex_;
    std::condition_variable wake_;
    job_list waiting_;
    std::size_t waiting_count_ = 0;
    std::size_t busy_ = 0;  // threads that execute a job
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace iggy::storage
