#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <iggy/base/ids.hpp>
#include <iggy/storage/data_directory.hpp>

#include "shard/log_exchange.hpp"
#include "shard/moved_logs.hpp"
#include "shard/shard.hpp"

namespace iggy::server {

/// All shards of the process and their threads. Made, started and stopped by the main thread; read
/// by every shard.
class shard_map {
public:
    /// `on_failure` is called on the thread of a shard whose loop threw; the process then ends.
    using failure_function = std::function<void(std::size_t shard, const std::string& reason)>;

    shard_map(std::size_t count, failure_function on_failure);
    ~shard_map();  // stopped before

    /// Starts the threads; each makes its engine over `directory`. Errors: those of
    /// engine::create. Throws what the thread did.
    storage::result<done_t> start(const std::shared_ptr<storage::data_directory>& directory);
    /// Ends loops, engines and threads. Nothing may be on its way.
    void stop();
    bool running() const noexcept { return !threads_.empty(); }

    std::size_t size() const noexcept { return shards_.size(); }
    shard& operator[](std::size_t number) noexcept { return *shards_[number]; }
    /// The shard that writes the catalog.
    shard& first() noexcept { return *shards_.front(); }
    /// The shard that has the log or is about to. At the start that follows from its uid alone, so
    /// that a changed number of shards opens the same data.
    shard& owner_of(log_uid log) noexcept {
        const auto moved = moved_.find(log);
        return *shards_[moved ? moved->shard : log.raw() % shards_.size()];
    }
    bool is_on_its_way(log_uid log) const noexcept {
        const auto moved = moved_.find(log);
        return moved && moved->on_its_way;
    }
    /// `log`, which `here` has, is used by a client on `core`: it is to move to the shard of that
    /// core, as soon as one of that shard's logs is to come in return. On the thread of `here`.
    void prefer_core(shard& here, log_uid log, int core);
    /// After a log was dropped; on the thread of the shard that had it.
    void forget(log_uid log) noexcept { moved_.remove(log); }
    /// Waits until no log is on its way; for the main thread, after the last request.
    void settle();

    /// Runs `work()` on a shard's thread; the future tells when and how it ended. For the main
    /// thread, at start and stop.
    template <class Work>
    std::future<std::invoke_result_t<Work&>> post(shard& on, Work work) {
        std::packaged_task<std::invoke_result_t<Work&>()> task{std::move(work)};
        auto ends = task.get_future();
        // Asio may know what a packaged task is, and would ask it for its future once more.
        boost::asio::post(on.context(), [task = std::move(task)]() mutable { task(); });
        return ends;
    }

    /// Runs the coroutine `work()` on another shard; the caller resumes on its own. For rare work:
    /// appends and polls cross as `shard_request`.
    template <class Work>
    std::invoke_result_t<Work&> on(shard& there, Work work) {
        co_return co_await boost::asio::co_spawn(there.context(), std::move(work),
                                                 boost::asio::use_awaitable);
    }

private:
    friend class log_swap;

    void run(shard& on);

    std::vector<std::unique_ptr<shard>> shards_;
    std::vector<std::thread> threads_;
    failure_function on_failure_;
    moved_logs moved_;
    log_exchange exchange_;
    std::atomic<std::size_t> swaps_{0};  // under way
};

}  // namespace iggy::server
