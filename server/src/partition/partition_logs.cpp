#include "partition/partition_logs.hpp"

#include <exception>
#include <utility>

#include <boost/asio/co_spawn.hpp>

#include "shard/shard_request.hpp"

namespace iggy::server {

namespace asio = boost::asio;
using storage::operation;
using storage::progress;

namespace {

/// Opens one new log on its owner; a log without content costs nothing to open.
class open_request final : public shard_request {
public:
    open_request(log_uid log, const storage::log_options& options)
        : shard_request{log}, options_{options} {}
    const storage::result<done_t>& result() const noexcept { return outcome_; }

private:
    progress start(storage::engine_log* /*log*/) override {
        const auto opened = owner().engine().open_log(log(), options_);
        if (!opened) {
            outcome_ = opened.error();
        }
        return progress::finished;
    }

    const storage::log_options& options_;
    storage::result<done_t> outcome_{done};
};

/// Ends all operations of one log on its owner.
class drop_request final : public shard_request, private operation {
public:
    explicit drop_request(log_uid log) : shard_request{log} {}

private:
    progress start(storage::engine_log* open) override {
        return open == nullptr ? progress::finished : owner().engine().drop_log(log(), *this);
    }
    void on_finished() noexcept override {
        shards().forget(log());
        finish();
    }
};

asio::awaitable<storage::result<done_t>> open_all(shard_map& shards, std::vector<log_uid> logs,
                                                  const storage::log_options& options) {
    for (const log_uid log : logs) {
        open_request open{log, options};
        co_await open.run(shards.first(), shards);
        if (!open.result()) {
            co_return open.result().error();
        }
    }
    co_return done;
}

asio::awaitable<void> drop_all(shard_map& shards, std::vector<log_uid> logs) {
    for (const log_uid log : logs) {
        drop_request drop{log};
        co_await drop.run(shards.first(), shards);
    }
}

/// What these coroutines throw is lack of memory at the worst moment: the shard ends with it.
void pass_on(const std::exception_ptr& failure) {
    if (failure) {
        std::rethrow_exception(failure);
    }
}

}  // namespace

void partition_logs::open_logs(std::vector<log_uid> logs,
                               std::function<void(storage::result<done_t>)> opened) {
    asio::co_spawn(shards_.first().context(), open_all(shards_, std::move(logs), options_),
                   [opened = std::move(opened)](const std::exception_ptr& failure,
                                                const storage::result<done_t>& outcome) {
                       pass_on(failure);
                       opened(outcome);
                   });
}

void partition_logs::drop_logs(std::vector<log_uid> logs, std::function<void()> dropped) {
    asio::co_spawn(shards_.first().context(), drop_all(shards_, std::move(logs)),
                   [dropped = std::move(dropped)](const std::exception_ptr& failure) {
                       pass_on(failure);
                       dropped();
                   });
}

}  // namespace iggy::server
