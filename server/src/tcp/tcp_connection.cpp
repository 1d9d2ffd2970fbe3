#include "tcp/tcp_connection.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "log/log.hpp"
#include "shard/shard.hpp"

namespace iggy::server {

namespace asio = boost::asio;
using protocol::command_code;
using protocol::error_code;

namespace {

bool is_send(protocol::request_header header) noexcept {
    return header.code == static_cast<std::uint32_t>(command_code::send_messages);
}

}  // namespace

asio::awaitable<void> tcp_connection::serve() {
    bool goes_on = true;
    int requests_in_a_row = 0;
    bool is_timed = false;  // once a poll was far behind
    const auto now_if_timed = [&is_timed] {
        return is_timed ? poll_spacing::clock::now() : poll_spacing::clock::time_point{};
    };
    sent_here_before_ = session_.home->sent_bytes();
    while (goes_on && !stopping_) {
        const incoming next = next_frame();
        const bool must_read = next.what == incoming::kind::part && requests_in_a_row > 0;
        if (must_read || requests_in_a_row == requests_in_a_row_max) {
            requests_in_a_row = 0;
            give_block_back();  // whoever is next gets it while it is in the cache
            co_await asio::post(stream_.executor(), asio::deferred);
            continue;
        }
        auto began = now_if_timed();
        switch (next.what) {
            case incoming::kind::part: {
                const auto count = read_more(next.bytes);
                goes_on = count.has_value();
                if (count == 0) {
                    give_block_back();
                    const auto [ec] = co_await stream_.readable(next.bytes - unread_.size());
                    goes_on = !ec;
                }
                continue;
            }
            case incoming::kind::in_place: {
                take_unread(protocol::frame_header_bytes);
                const byte_span payload = take_unread(next.header.payload_bytes);
                if (execution_.begin(session_, next.header.code, payload) ==
                    storage::progress::pending) {
                    co_await execution_.finish();
                    began = now_if_timed();  // its wait kept nobody
                }
                break;
            }
            case incoming::kind::large:
                take_unread(protocol::frame_header_bytes);
                goes_on = co_await answer_large(next.header);
                break;
            case incoming::kind::invalid:
                take_unread(protocol::frame_header_bytes);
                answer_.fail(next.wrong);
                break;
        }
        // Here and not in a function: most answers go out at once, without a coroutine.
        byte_view head = answer_.frame();
        byte_view messages = answer_.messages();
        const std::size_t messages_bytes = messages.size();
        bool sent = stream_.write_now(head, messages);
        const auto took = now_if_timed() - began;
        if (sent && !(head.empty() && messages.empty())) {
            sent = co_await stream_.write(head, messages);
        }
        goes_on = goes_on && sent && !answer_.closes_connection();
        const bool is_far_behind = answer_.is_far_behind();
        answer_.reset();  // gives the polled messages back
        ++requests_in_a_row;
        if (is_far_behind && goes_on) {
            requests_in_a_row = 0;
            give_block_back();
            co_await let_senders_pass(messages_bytes, took);
            is_timed = true;
        }
        if (!goes_on || stopping_ || !limits_.migrates) {
            continue;
        }
        if (shards_.size() > 1 && watch_.is_due()) {
            look_at_cores();
        }
        if (shard& better = session_.better_home(); &better != session_.home) {
            moving_to_ = &better;
            co_return;
        }
    }
    if (stopping_) {  // also the answer to a request of which only a part has come
        answer_.fail(error_code::disconnected);
        co_await stream_.write(answer_.frame(), {});
    }
    stream_.finish();
}

/// After a poll that was far behind and kept the shard for `took`, zero where that is not known.
asio::awaitable<void> tcp_connection::let_senders_pass(std::size_t polled_bytes,
                                                       poll_spacing::clock::duration took) {
    shard& here = *session_.home;
    std::uint64_t before = 0;
    int turns = 0;
    do {
        before = here.sent_bytes();
        co_await asio::post(stream_.executor(), asio::deferred);
    } while (here.sent_bytes() != before && ++turns < turns_let_pass_max);
    const std::uint64_t sent_here = here.sent_bytes();
    if (polled_bytes < polled_per_sent_max * (sent_here - sent_here_before_)) {
        asio::steady_timer timer{stream_.executor(),
                                 here.spacing().book(this, poll_spacing::clock::now(), took)};
        co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    sent_here_before_ = sent_here;
}

/// Who copies what the other one has just written had better run on the same core.
void tcp_connection::look_at_cores() {
    shard& here = *session_.home;
    const int here_core = here.look_at_core();
    const auto log = session_.take_last_log();
    if (!log || &shards_.owner_of(*log) != &here) {
        return;
    }
    const int client_core = stream_.incoming_core();
    if (watch_.note(*log, client_core, here_core)) {
        shards_.prefer_core(here, *log, client_core);
    }
}

bool tcp_connection::move() {
    session_.home = std::exchange(moving_to_, nullptr);
    return stream_.move_to(session_.home->context());
}

tcp_connection::incoming tcp_connection::next_frame() {
    if (unread_.size() < protocol::frame_header_bytes) {
        return {};
    }
    const auto header =
        protocol::decode_request_header(unread_.first<protocol::frame_header_bytes>());
    if (!header) {
        return {.what = incoming::kind::invalid, .wrong = header.error()};
    }
    const std::size_t frame_bytes = protocol::frame_header_bytes + header->payload_bytes;
    reads_ahead_ = is_answered_in_place(*header);
    if (!reads_ahead_ || (frame_bytes > place_.size() && !take_block())) {
        return {.what = incoming::kind::large, .header = *header};
    }
    if (frame_bytes > unread_.size()) {
        return {.what = incoming::kind::part, .bytes = frame_bytes};
    }
    return {.what = incoming::kind::in_place, .header = *header};
}

/// Larger frames than fit into `small_` are none but sends by somebody who has logged in.
bool tcp_connection::is_answered_in_place(protocol::request_header header) const noexcept {
    const std::size_t frame_bytes = protocol::frame_header_bytes + header.payload_bytes;
    return frame_bytes <= small_bytes ||
           (frame_bytes <= block_bytes && is_send(header) && session_.logged_in());
}

/// Moves what is unread to the front of a block; false when there is no memory for one.
bool tcp_connection::take_block() {
    storage::buffer block = session_.home->buffers().try_take(block_bytes);
    if (!block) {
        return false;
    }
    place_ = block.bytes();
    std::memcpy(place_.data(), unread_.data(), unread_.size());
    unread_ = place_.first(unread_.size());
    block_ = std::move(block);
    return true;
}

/// Where the next bytes go, so that `bytes` unread ones in a row fit.
byte_span tcp_connection::room_for(std::size_t bytes) {
    if (!block_ && reads_ahead_) {
        take_block();  // without it, one small piece after the other
    }
    const auto begin = static_cast<std::size_t>(unread_.data() - place_.data());
    if (unread_.empty() || begin + bytes > place_.size()) {
        std::memmove(place_.data(), unread_.data(), unread_.size());
        unread_ = place_.first(unread_.size());
    }
    return byte_span{unread_.data() + unread_.size(), place_.data() + place_.size()};
}

/// Reads what is there; 0 when that is nothing, absent when the stream has ended or broke.
std::optional<std::size_t> tcp_connection::read_more(std::size_t bytes) {
    const auto count = stream_.read_once(room_for(bytes));
    if (count) {
        unread_ = byte_span{unread_.data(), unread_.size() + *count};
    }
    return count;
}

/// Before a wait; only a large part of a frame keeps the block.
void tcp_connection::give_block_back() noexcept {
    if (!block_ || unread_.size() > small_bytes) {
        return;
    }
    place_ = small_;
    std::memcpy(place_.data(), unread_.data(), unread_.size());
    unread_ = place_.first(unread_.size());
    block_ = storage::buffer{};
}

byte_span tcp_connection::take_unread(std::size_t bytes) noexcept {
    const byte_span taken = unread_.first(bytes);
    unread_ = unread_.subspan(bytes);
    return taken;
}

/// Answers a request that is not answered in place, of which the header was taken. False when the
/// stream cannot go on; an answer may be there nevertheless.
asio::awaitable<bool> tcp_connection::answer_large(protocol::request_header header) {
    const std::size_t payload_bytes = header.payload_bytes;
    if (!is_send(header) && payload_bytes > protocol::control_payload_bytes_max) {
        answer_.fail(error_code::invalid_command);
        co_return false;  // what follows cannot be told from frames
    }
    if (is_send(header) && payload_bytes > limits_.request_bytes_max) {
        co_return co_await refuse(payload_bytes, error_code::invalid_size_bytes);
    }
    if (is_send(header) && !session_.logged_in()) {
        co_return co_await refuse(payload_bytes, error_code::unauthenticated);
    }
    overdraft::permit permit;
    storage::buffer space =
        session_.home->buffers().try_take(std::min(payload_bytes, trusted_bytes_));
    if (!space) {
        space = co_await take(std::min(payload_bytes, trusted_bytes_), permit);
    }
    std::size_t filled = 0;
    while (filled < payload_bytes) {
        if (!space) {
            co_return false;  // stopped while it waited for memory
        }
        const byte_span room = space.bytes().first(std::min(space.size(), payload_bytes));
        filled += take_at_hand(room.subspan(filled), payload_bytes - filled);
        give_block_back();
        const auto count = stream_.read_now(room.subspan(filled));
        if (!count) {
            co_return false;
        }
        filled += *count;
        if (filled < room.size()) {
            const read_deadline deadline = deadline_of(permit, payload_bytes);
            if (!co_await stream_.read_all(room.subspan(filled), deadline)) {
                if (deadline && std::chrono::steady_clock::now() >= *deadline) {
                    note_overdue(payload_bytes);
                }
                co_return false;
            }
            filled = room.size();
        }
        if (filled < payload_bytes) {
            storage::buffer larger =
                co_await take(std::min(payload_bytes, space.size() * 2), permit);
            if (larger) {
                std::memcpy(larger.bytes().data(), space.bytes().data(), filled);
            }
            space = std::move(larger);
        }
    }
    trusted_bytes_ = payload_bytes;
    if (execution_.begin(session_, header.code, space.bytes().first(payload_bytes)) ==
        storage::progress::pending) {
        co_await execution_.finish();
    }
    co_return true;
}

/// Moves what was read already of a payload of which `payload_bytes` are not used yet to `into`.
std::size_t tcp_connection::take_at_hand(byte_span into, std::size_t payload_bytes) noexcept {
    const byte_span at_hand = take_unread(std::min({unread_.size(), into.size(), payload_bytes}));
    std::memcpy(into.data(), at_hand.data(), at_hand.size());
    return at_hand.size();
}

/// Who holds the overdraft keeps every other large frame waiting, so that its frame has to be there
/// in time. Others may take as long as they like.
read_deadline tcp_connection::deadline_of(const overdraft::permit& permit,
                                          std::size_t payload_bytes) const noexcept {
    return permit ? read_deadline{permit.since() + limits_.terms.longest(payload_bytes)}
                  : std::nullopt;
}

void tcp_connection::note_overdue(std::size_t payload_bytes) const {
    log::warn("server::tcp",
              "The connection from {} is ended: while memory was short, it did not send the rest "
              "of a frame of {} bytes within {} ms, and others waited for it. A larger "
              "system.memory.limit or smaller batches help.",
              session_.client->address, payload_bytes,
              limits_.terms.longest(payload_bytes).count());
}

/// Memory for a frame; waits, not reading, while there is none. Empty when the connection is to
/// stop.
asio::awaitable<storage::buffer> tcp_connection::take(std::size_t bytes,
                                                      overdraft::permit& permit) {
    constexpr std::chrono::milliseconds pause{5};
    storage::buffer_pool& pool = session_.home->buffers();
    while (!stopping_) {
        if (auto space = pool.try_take(bytes)) {
            co_return space;
        }
        if (!permit) {
            permit = limits_.beyond_memory.try_take();
        }
        if (permit) {
            co_return pool.take(bytes);
        }
        asio::steady_timer timer{stream_.executor(), pause};
        co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    co_return storage::buffer{};
}

/// Reads a payload without keeping it; the answer is a failure, and the stream goes on at the next
/// frame.
asio::awaitable<bool> tcp_connection::refuse(std::size_t payload_bytes, error_code code) {
    payload_bytes -= take_unread(std::min(unread_.size(), payload_bytes)).size();
    give_block_back();
    while (payload_bytes > 0) {  // small_ holds nothing of use now
        const auto [ec, count] = co_await stream_.read_some(
            byte_span{small_}.first(std::min(payload_bytes, small_bytes)));
        if (ec || count == 0) {
            co_return false;
        }
        payload_bytes -= count;
    }
    answer_.fail(code);
    co_return true;
}

void tcp_connection::stop() noexcept {
    stopping_ = true;
    stream_.cancel_read();
}

void tcp_connection::abort() noexcept {
    stopping_ = true;
    stream_.cancel();
}

}  // namespace iggy::server
