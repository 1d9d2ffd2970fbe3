#pragma once

#include <functional>
#include <mutex>
#include <span>

#include <iggy/storage/disk.hpp>
#include <iggy/storage/io_queue.hpp>
#include "event_fd.hpp"
#include "file_call.hpp"
#include "worker_pool.hpp"

namespace iggy::storage {

/// Where helper threads leave what they finished and the queue's thread collects it. The wake-up is
/// sent under the lock: whoever has collected the last call may destroy the queue, so no helper may
/// still be on its way to the descriptor then.
class finished_calls {
public:
    explicit finished_calls(const event_fd& wake) noexcept : wake_{wake} {}

    void push(file_call& call) noexcept {
        const std::lock_guard lock{mutex_};
        if (calls_.empty()) {
            wake_.notify();
        }
        calls_.push_back(call);
    }
    job_list take_all() noexcept {
        const std::lock_guard lock{mutex_};
        return std::exchange(calls_, {});
    }

private:
    const event_fd& wake_;
    std::mutex mutex_;
    job_list calls_;
};

/// The part of a queue that goes through helper threads. Used by the queue's thread.
class helper_lane {
public:
    /// `wake` is notified when there is something to reap.
    helper_lane(worker_pool& pool, const event_fd& wake) noexcept : pool_{pool}, finished_{wake} {}
    helper_lane(const helper_lane&) = delete;
    helper_lane& operator=(const helper_lane&) = delete;

    void write(file& target, std::uint64_t position, std::span<const byte_view> parts,
               io_request& request);
    void read(file& source, std::uint64_t position, byte_span into, io_request& request);
    void run(std::function<result<done_t>()> work, io_request& request);

    void submit();
    std::size_t reap();
    std::size_t in_flight() const noexcept { return calls_.in_flight(); }

private:
    file_call& start(io_request& request) { return calls_.start(request, &finished_); }
    void queue(file_call& call) noexcept;

    worker_pool& pool_;
    finished_calls finished_;
    file_calls calls_;
    job_list started_;
    std::size_t started_count_ = 0;
};

}  // namespace iggy::storage
