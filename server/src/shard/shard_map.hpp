#pragma once

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
    /// Which shard owns a log follows from its uid alone, so that a changed number of shards opens
    /// the same data.
    shard& owner_of(log_uid log) noexcept { return *shards_[log.raw() % shards_.size()]; }

    /// Runs `work()` on a shard's thread; the future tells when and how it ended. For the main
    /// thread, at start and stop.
    template <class Work>
    std::future<std::invoke_result_t<Work&>> post(shard& on, Work work) {
        std::packaged_task<std::invoke_result_t<Work&>()> task{std::move(work)};
        auto ends = task.get_future();
        boost::asio::post(on.context(), std::move(task));
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
    void run(shard& on);

    std::vector<std::unique_ptr<shard>> shards_;
    std::vector<std::thread> threads_;
    failure_function on_failure_;
};

}  // namespace iggy::server
