#include "shutdown.hpp"

#include <future>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include <iggy/storage_asio.hpp>

namespace iggy::server {

namespace asio = boost::asio;

namespace {

/// Those of `logs` that `owner` owns, all at once.
asio::awaitable<std::vector<std::string>> close_own(shard_map& shards, shard& owner,
                                                    const std::vector<log_uid>& logs) {
    std::vector<std::string> failures;
    for (const log_uid log : logs) {
        if (&shards.owner_of(log) != &owner || owner.engine().find(log) == nullptr) {
            continue;
        }
        storage::awaited<storage::operation> closing;
        const auto start = [&owner, log](storage::operation& op) {
            return owner.engine().close_log(log, op);
        };
        const auto closed = co_await closing.run(owner.disk(), start);
        if (!closed) {
            failures.push_back(owner.engine().directory().describe(closed.error()));
        }
    }
    co_return failures;
}

}  // namespace

bool ends_within(std::chrono::seconds patience, const std::function<bool()>& ended) {
    constexpr std::chrono::milliseconds pause{2};
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!ended()) {
        if (std::chrono::steady_clock::now() > deadline) {
            return false;
        }
        std::this_thread::sleep_for(pause);
    }
    return true;
}

std::vector<std::string> close_all(shard_map& shards, const std::vector<log_uid>& logs) {
    shards.settle();
    std::vector<std::future<std::vector<std::string>>> closed;
    for (std::size_t number = 0; number < shards.size(); ++number) {
        shard& owner = shards[number];
        closed.push_back(
            asio::co_spawn(owner.context(), close_own(shards, owner, logs), asio::use_future));
    }
    std::vector<std::string> failures;
    for (auto& each : closed) {
        const auto own = each.get();
        failures.insert(failures.end(), own.begin(), own.end());
    }
    return failures;
}

}  // namespace iggy::server
