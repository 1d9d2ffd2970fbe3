#include "service/poll.hpp"

#include <chrono>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <iggy/protocol/codec.hpp>
#include <iggy/protocol/messages.hpp>

#include "partition/storage_errors.hpp"
#include "service/consumers.hpp"
#include "service/lookup.hpp"

namespace iggy::server {

namespace asio = boost::asio;
using protocol::error_code;
using storage::progress;

namespace {

/// A consumer that keeps up is seldom so far from the end of its log.
constexpr std::uint64_t far_behind_bytes = std::uint64_t{64} << 20;

asio::awaitable<void> pause_for(shard& home, std::chrono::milliseconds pause) {
    asio::steady_timer timer{home.context(), pause};
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

}  // namespace

progress poll::begin(byte_view payload) {
    const auto request = protocol::decode_request<protocol::poll_messages>(payload);
    if (!request) {
        out_.fail(request.error());
        return progress::finished;
    }
    if (!who_.logged_in()) {
        out_.fail(error_code::unauthenticated);
        return progress::finished;
    }
    const call made{server_, who_, rule::poll, *who_.home};
    const auto topic = find_topic(made, request->stream, request->topic);
    if (!topic) {
        out_.fail(topic.error());
        return progress::finished;
    }
    if (request->consumer.kind == protocol::consumer_kind::group) {
        out_.fail(error_code::consumer_group_id_not_found);
        return progress::finished;
    }
    partition_ = request->partition.value_or(partition_id{0});
    const auto log = topic->log_of(partition_);
    if (!log) {
        out_.fail(error_code::partition_not_found);
        return progress::finished;
    }
    query_ = {.log = *log,
              .strategy = request->strategy,
              .count = request->count,
              .consumer = offset_key_of(request->consumer),
              .auto_commit = request->auto_commit};
    shard& owner = server_.shards.owner_of(*log);
    who_.note_use(*log, owner);
    if (read(owner) == progress::pending || lacks_memory()) {
        return progress::pending;
    }
    put_answer();
    return progress::finished;
}

progress poll::read(shard& owner) {
    const progress state = request_.emplace(query_).begin(*who_.home, owner, server_.shards);
    reading_ = state == progress::pending;
    return state;
}

/// Whether the read failed because all memory is in use; others give some back soon.
bool poll::lacks_memory() const noexcept {
    const auto& outcome = request_->result();
    return !outcome && outcome.error().code == storage::errc::memory_limit;
}

asio::awaitable<void> poll::finish() {
    constexpr std::chrono::milliseconds memory_pause{10};
    constexpr int memory_tries = 500;
    for (int tries = 1;; ++tries) {
        if (reading_) {
            co_await request_->wait();
        }
        if (!lacks_memory() || tries == memory_tries) {
            break;
        }
        co_await pause_for(*who_.home, memory_pause);
        (void)read(server_.shards.owner_of(query_.log));
    }
    put_answer();
}

void poll::put_answer() {
    if (const auto& outcome = request_->result(); !outcome) {
        report(server_, outcome.error());
        out_.fail(to_error_code(outcome.error()));
        return;
    }
    out_.succeed(protocol::polled_head{partition_, request_->current_offset(), request_->count()},
                 request_->bytes(), request_->take_storage());
    if (request_->bytes_behind() > far_behind_bytes) {
        out_.mark_far_behind();
    }
}

}  // namespace iggy::server
