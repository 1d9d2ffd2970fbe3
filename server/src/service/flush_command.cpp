#include "service/flush_command.hpp"

#include "partition/log_request.hpp"
#include "service/lookup.hpp"

namespace iggy::server {

namespace asio = boost::asio;
using protocol::error_code;

asio::awaitable<protocol::result<protocol::empty_response>> run(
    call made, const protocol::flush_unsaved_buffer& request) {
    const auto topic = find_topic(made, request.stream, request.topic);
    if (!topic) {
        co_return topic.error();
    }
    const auto log = topic->log_of(request.partition);
    if (!log) {
        co_return error_code::partition_not_found;
    }
    log_request flush{*log,
                      [sync = request.fsync](storage::engine_log& at, storage::operation& op) {
                          return at.flush(sync, op);
                      }};
    co_await flush.run(made.here, made.server.shards);
    co_return answer_to(made.server, flush.result());
}

}  // namespace iggy::server
