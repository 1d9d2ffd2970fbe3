#include "service/message_commands.hpp"

#include <chrono>
#include <optional>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <iggy/base/checksum.hpp>

#include "partition/append_request.hpp"
#include "partition/log_request.hpp"
#include "partition/poll_request.hpp"
#include "partition/storage_errors.hpp"
#include "service/consumers.hpp"
#include "service/lookup.hpp"

namespace iggy::server {

namespace asio = boost::asio;
using protocol::error_code;

namespace {

/// Where a batch goes. Errors: topic_id_not_found (no partition to choose from),
/// partition_not_found.
protocol::result<log_uid> choose_partition(const found_topic& topic,
                                           const protocol::partitioning_view& where) {
    const std::uint32_t count = topic.partitions_count();
    const bool chosen_here = where.kind != protocol::partitioning_kind::partition;
    if (chosen_here && count == 0) {
        return error_code::topic_id_not_found;
    }
    switch (where.kind) {
        case protocol::partitioning_kind::balanced:
            return *topic.log_of(topic.topic->next_balanced());
        case protocol::partitioning_kind::key:
            return *topic.log_of(partition_id{xxh32(where.key) % count});
        case protocol::partitioning_kind::partition:
            break;
    }
    if (const auto log = topic.log_of(where.partition)) {
        return *log;
    }
    return error_code::partition_not_found;
}

/// Whether a poll failed because all memory is in use; others give some back soon.
bool lacks_memory(const poll_request& poll) noexcept {
    return !poll.result() && poll.result().error().code == storage::errc::memory_limit;
}

asio::awaitable<void> pause_for(shard& home, std::chrono::milliseconds pause) {
    asio::steady_timer timer{home.context(), pause};
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

}  // namespace

asio::awaitable<void> send_messages(service& server, session& who, byte_span payload, answer& out) {
    if (!who.logged_in()) {
        out.fail(error_code::unauthenticated);
        co_return;
    }
    const auto batch = protocol::decode_send_messages(payload);
    if (!batch) {
        out.fail(batch.error());
        co_return;
    }
    const call made{server, who, rule::send, *who.home};
    const auto topic = find_topic(made, batch->stream, batch->topic);
    if (!topic) {
        out.fail(topic.error());
        co_return;
    }
    const auto log = choose_partition(*topic, batch->partitioning);
    if (!log) {
        out.fail(log.error());
        co_return;
    }
    shard& owner = server.shards.owner_of(*log);
    who.note_use(owner);
    append_request append{*log, batch->messages};
    if (append.begin(*who.home, owner) == storage::progress::pending) {
        co_await append.wait();
    }
    if (!append.result()) {
        report(server, append.result().error());
        out.fail(to_error_code(append.result().error()));
        co_return;
    }
    out.succeed(protocol::empty_response{});
}

asio::awaitable<void> run(call made, const protocol::poll_messages& request, answer& out) {
    constexpr std::chrono::milliseconds memory_pause{10};
    constexpr int memory_tries = 500;
    const auto topic = find_topic(made, request.stream, request.topic);
    if (!topic) {
        out.fail(topic.error());
        co_return;
    }
    if (request.consumer.kind == protocol::consumer_kind::group) {
        out.fail(error_code::consumer_group_id_not_found);
        co_return;
    }
    const partition_id partition = request.partition.value_or(partition_id{0});
    const auto log = topic->log_of(partition);
    if (!log) {
        out.fail(error_code::partition_not_found);
        co_return;
    }
    const poll_query query{.log = *log,
                           .strategy = request.strategy,
                           .count = request.count,
                           .consumer = offset_key_of(request.consumer),
                           .auto_commit = request.auto_commit};
    shard& owner = made.server.shards.owner_of(*log);
    made.who.note_use(owner);
    for (int tries = 1;; ++tries) {
        poll_request poll{query};
        if (poll.begin(made.here, owner) == storage::progress::pending) {
            co_await poll.wait();
        }
        if (lacks_memory(poll) && tries < memory_tries) {
            co_await pause_for(made.here, memory_pause);
            continue;
        }
        if (!poll.result()) {
            report(made.server, poll.result().error());
            out.fail(to_error_code(poll.result().error()));
            co_return;
        }
        out.succeed(protocol::polled_head{partition, poll.current_offset(), poll.count()},
                    poll.bytes(), poll.take_storage());
        co_return;
    }
}

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
    co_await flush.run(made.here, made.server.shards.owner_of(*log));
    co_return answer_to(made.server, flush.result());
}

}  // namespace iggy::server
