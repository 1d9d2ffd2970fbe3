#include "service/send.hpp"

#include <iggy/base/checksum.hpp>
#include <iggy/protocol/messages.hpp>

#include "partition/storage_errors.hpp"
#include "service/lookup.hpp"

namespace iggy::server {

namespace asio = boost::asio;
using protocol::error_code;
using storage::progress;

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

}  // namespace

progress send::begin(byte_span payload) {
    if (!who_.logged_in()) {
        out_.fail(error_code::unauthenticated);
        return progress::finished;
    }
    const auto batch = protocol::decode_send_messages(payload);
    if (!batch) {
        out_.fail(batch.error());
        return progress::finished;
    }
    const call made{server_, who_, rule::send, *who_.home};
    const auto topic = find_topic(made, batch->stream, batch->topic);
    if (!topic) {
        out_.fail(topic.error());
        return progress::finished;
    }
    const auto log = choose_partition(*topic, batch->partitioning);
    if (!log) {
        out_.fail(log.error());
        return progress::finished;
    }
    shard& owner = server_.shards.owner_of(*log);
    who_.note_use(*log, owner);
    if (append_.emplace(*log, batch->messages).begin(*who_.home, owner, server_.shards) ==
        progress::pending) {
        return progress::pending;
    }
    put_answer();
    return progress::finished;
}

asio::awaitable<void> send::finish() {
    co_await append_->wait();
    put_answer();
}

void send::put_answer() {
    if (const auto& outcome = append_->result(); !outcome) {
        report(server_, outcome.error());
        out_.fail(to_error_code(outcome.error()));
        return;
    }
    out_.succeed(protocol::empty_response{});
}

}  // namespace iggy::server
