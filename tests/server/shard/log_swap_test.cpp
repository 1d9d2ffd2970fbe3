#include "shard/log_swap.hpp"

#include <atomic>
#include <chrono>
#include <future>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include <iggy/base/message.hpp>

#include "partition/append_request.hpp"
#include "partition/partition_logs.hpp"
#include "shutdown.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace iggy;
using namespace iggy::server;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

/// Two shards with two logs each, of which the first of each swap.
class two_shards {
public:
    explicit two_shards(const std::string& path)
        : data_{storage::data_directory::open(path).value()} {
        all.start(data_).value();
        logs = data_->logs().empty() ? create() : logs_there();
        REQUIRE(&all.owner_of(logs[0]) != &all.owner_of(logs[1]));
        for (const log_uid log : logs) {
            shard& owner = all.owner_of(log);
            REQUIRE(
                all.post(owner, [&] { return owner.engine().open_log(log).has_value(); }).get());
        }
    }
    ~two_shards() {
        CHECK(close_all(all, logs).empty());
        all.stop();
    }

    /// Asks for a swap of the two, on the shard that has the first.
    void swap() {
        shard& here = all.owner_of(logs[0]);
        all.post(here,
                 [this, &here] {
                     shard& there = all.owner_of(logs[1]);
                     if (here.engine().find(logs[0]) != nullptr && &there != &here) {
                         log_swap::begin(all, here, logs[0], there, logs[1]);
                     }
                 })
            .get();
    }
    /// What `look` says of a log, on the shard that has it.
    template <class Look>
    auto ask(log_uid log, Look look) {
        shard& owner = all.owner_of(log);
        return all.post(owner, [&] { return look(*owner.engine().find(log)); }).get();
    }

    shard_map all{2, [](std::size_t, const std::string&) {}};
    std::vector<log_uid> logs;

private:
    std::vector<log_uid> create() {
        const std::vector<std::string> paths{"logs/1", "logs/2", "logs/3", "logs/4"};
        return data_->create_logs(paths).value();
    }
    std::vector<log_uid> logs_there() {
        std::vector<log_uid> there;
        for (const auto& log : data_->logs()) {
            there.push_back(log.uid);
        }
        return there;
    }

    std::shared_ptr<storage::data_directory> data_;
};

}  // namespace

namespace {

std::vector<std::byte> one_message() {
    return std::vector<std::byte>(message_layout::header_bytes);
}

/// Appends to all logs in turn, from one shard, until told to stop; how many of each.
asio::awaitable<std::vector<std::uint64_t>> append_to_all(two_shards& shards, shard& home,
                                                          const std::atomic<bool>& stop) {
    std::vector<std::uint64_t> appended(shards.logs.size());
    while (!stop) {
        for (std::size_t i = 0; i < appended.size(); ++i) {
            auto batch = one_message();
            append_request request{shards.logs[i], batch};
            co_await request.run(home, shards.all);
            appended[i] += request.result() ? 1 : 0;
            if (!request.result()) {
                co_return std::vector<std::uint64_t>{};
            }
        }
    }
    co_return appended;
}

std::uint64_t messages_of(two_shards& shards, log_uid log) {
    return shards.ask(log, [](storage::engine_log& at) { return at.messages_count(); });
}

}  // namespace

TEST_CASE("log swap: no request is lost or refused while logs go from shard to shard",
          "[server][shard]") {
    constexpr int swaps_least = 200;
    const temporary_directory dir;
    std::vector<std::uint64_t> appended(4);
    {
        two_shards shards{dir.path()};
        std::atomic<bool> stop{false};
        std::vector<std::future<std::vector<std::uint64_t>>> counts;
        for (std::size_t i = 0; i < 4; ++i) {
            shard& home = shards.all[i % 2];
            counts.push_back(asio::co_spawn(home.context(), append_to_all(shards, home, stop),
                                            asio::use_future));
        }
        int swaps = 0;
        const auto deadline = std::chrono::steady_clock::now() + 60s;
        const shard* last = &shards.all.owner_of(shards.logs[0]);
        while (swaps < swaps_least && std::chrono::steady_clock::now() < deadline) {
            shards.swap();
            const shard* const now = &shards.all.owner_of(shards.logs[0]);
            swaps += std::exchange(last, now) == now ? 0 : 1;
        }
        stop = true;
        for (auto& each : counts) {
            const auto count = each.get();
            REQUIRE(count.size() == appended.size());
            for (std::size_t i = 0; i < count.size(); ++i) {
                appended[i] += count[i];
            }
        }
        CHECK(swaps >= swaps_least);
        shards.all.settle();
        CHECK(&shards.all.owner_of(shards.logs[0]) != &shards.all.owner_of(shards.logs[1]));
        for (std::size_t i = 0; i < appended.size(); ++i) {
            CHECK(messages_of(shards, shards.logs[i]) == appended[i]);
        }
    }
    two_shards again{dir.path()};
    for (std::size_t i = 0; i < appended.size(); ++i) {
        CHECK(messages_of(again, again.logs[i]) == appended[i]);
    }
}

TEST_CASE("log swap: when one of the two has something on its way, both stay", "[server][shard]") {
    struct ignored : storage::operation {
        void on_finished() noexcept override {}
    };
    const temporary_directory dir;
    two_shards shards{dir.path()};
    const auto busy = GENERATE(std::size_t{0}, std::size_t{1});
    ignored wait;
    const auto begin = [&](storage::engine_log& at) {
        return at.wait_committed(message_offset{0}, wait);
    };
    REQUIRE(shards.ask(shards.logs[busy], begin) == storage::progress::pending);
    const shard* const before = &shards.all.owner_of(shards.logs[0]);
    shards.swap();
    shards.all.settle();
    CHECK(&shards.all.owner_of(shards.logs[0]) == before);
    CHECK(&shards.all.owner_of(shards.logs[1]) != before);

    REQUIRE(shards.ask(shards.logs[busy], [&](auto& at) { return at.cancel_wait(wait); }));
    shards.swap();
    shards.all.settle();
    CHECK(&shards.all.owner_of(shards.logs[0]) != before);
    CHECK(&shards.all.owner_of(shards.logs[1]) == before);
}

TEST_CASE("log swap: a log that moved and was dropped is not there any more", "[server][shard]") {
    const temporary_directory dir;
    two_shards shards{dir.path()};
    shards.swap();
    shards.all.settle();
    const log_uid gone = shards.logs[0];
    partition_logs places{shards.all, {}};
    std::promise<void> dropped;
    asio::post(shards.all.first().context(),
               [&] { places.drop_logs({gone}, [&] { dropped.set_value(); }); });
    dropped.get_future().get();

    shard& home = shards.all.first();
    auto batch = one_message();
    append_request request{gone, batch};
    asio::co_spawn(home.context(), request.run(home, shards.all), asio::use_future).get();
    REQUIRE_FALSE(request.result());
    CHECK(request.result().error().code == storage::errc::not_found);
}
