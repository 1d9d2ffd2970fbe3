#include "service/offset_commands.hpp"

#include <optional>

#include "partition/log_request.hpp"
#include "partition/storage_errors.hpp"
#include "service/consumers.hpp"
#include "service/lookup.hpp"

namespace iggy::server {

namespace asio = boost::asio;
using protocol::consumer_kind;
using protocol::empty_response;
using protocol::error_code;
using storage::engine_log;
using storage::operation;
using storage::progress;

namespace {

progress finish_with(operation& op, storage::result<done_t> outcome) {
    op.outcome = outcome;
    return progress::finished;
}

/// The log that a store or delete means, after the checks that come before it is touched.
template <class Request>
protocol::result<log_uid> log_for(const call& made, const Request& request) {
    const auto topic = find_topic(made, request.stream, request.topic);
    if (!topic) {
        return topic.error();
    }
    if (request.consumer.kind == consumer_kind::group) {
        return error_code::consumer_group_id_not_found;
    }
    const auto log = topic->log_of(request.partition.value_or(partition_id{0}));
    if (!log) {
        return error_code::partition_not_found;
    }
    return *log;
}

}  // namespace

asio::awaitable<protocol::result<protocol::get_consumer_offset::response_type>> run(
    call made, const protocol::get_consumer_offset& request) {
    using response = protocol::get_consumer_offset::response_type;
    const auto topic = find_topic(made, request.stream, request.topic);
    if (!topic && topic.error() == error_code::unauthorized) {
        co_return topic.error();
    }
    const partition_id partition = request.partition.value_or(partition_id{0});
    const auto log = topic ? topic->log_of(partition) : std::nullopt;
    if (!log || request.consumer.kind == consumer_kind::group) {
        co_return response{};
    }
    std::optional<message_offset> stored;
    message_offset current;
    const auto look = [&, key = offset_key_of(request.consumer)](engine_log& at, operation& op) {
        stored = at.stored_offset(key);
        const std::uint64_t next = at.committed_next().raw();
        current = message_offset{next == 0 ? 0 : next - 1};
        return finish_with(op, done);
    };
    log_request read{*log, look};
    co_await read.run(made.here, made.server.shards);
    if (!stored) {
        co_return response{};
    }
    co_return response{protocol::consumer_offset_info{partition, current, *stored}};
}

asio::awaitable<protocol::result<empty_response>> run(
    call made, const protocol::store_consumer_offset& request) {
    const auto log = log_for(made, request);
    if (!log) {
        co_return log.error();
    }
    const auto store = [key = offset_key_of(request.consumer), offset = request.offset](
                           engine_log& at, operation& op) {
        if (offset >= at.committed_next()) {
            return finish_with(op, storage::error{storage::errc::invalid_argument});
        }
        return at.store_offset(key, offset, op);
    };
    log_request write{*log, store};
    co_await write.run(made.here, made.server.shards);
    co_return answer_to(made.server, write.result());
}

asio::awaitable<protocol::result<empty_response>> run(
    call made, const protocol::delete_consumer_offset& request) {
    const auto log = log_for(made, request);
    if (!log) {
        co_return log.error();
    }
    bool found = true;
    const auto forget = [&found, key = offset_key_of(request.consumer)](engine_log& at,
                                                                        operation& op) {
        found = at.stored_offset(key).has_value();
        return found ? at.delete_offset(key, op) : finish_with(op, done);
    };
    log_request erase{*log, forget};
    co_await erase.run(made.here, made.server.shards);
    if (!found) {
        co_return error_code::consumer_offset_not_found;
    }
    co_return answer_to(made.server, erase.result());
}

}  // namespace iggy::server
