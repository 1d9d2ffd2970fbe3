#include "partition/purge.hpp"

#include "partition/log_request.hpp"

namespace iggy::server {

boost::asio::awaitable<storage::result<done_t>> purge_logs(shard& home, shard_map& shards,
                                                           std::vector<log_uid> logs) {
    for (const log_uid log : logs) {
        log_request purge{
            log, [](storage::engine_log& at, storage::operation& op) { return at.purge(op); }};
        co_await purge.run(home, shards);
        if (!purge.result()) {
            co_return purge.result().error();
        }
    }
    co_return done;
}

}  // namespace iggy::server
