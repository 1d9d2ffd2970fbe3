#include "tcp/tcp_connection.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

#include <boost/asio/as_tuple.hpp>
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
    while (goes_on && !stopping_) {
        goes_on = co_await serve_one();
        shard& better = session_.better_home();
        if (goes_on && limits_.migrates && &better != session_.home) {
            moving_to_ = &better;
            co_return;
        }
    }
    if (stopping_) {  // also the answer to a request of which only a part has come
        answer_.fail(error_code::disconnected);
        co_await send_answer();
    }
    stream_.finish();
}

bool tcp_connection::move() {
    session_.home = std::exchange(moving_to_, nullptr);
    return stream_.move_to(session_.home->context());
}

asio::awaitable<bool> tcp_connection::serve_one() {
    if (!co_await fill(protocol::frame_header_bytes)) {
        co_return false;
    }
    const auto header =
        protocol::decode_request_header(unread().first<protocol::frame_header_bytes>());
    begin_ += protocol::frame_header_bytes;
    if (!header) {
        answer_.fail(header.error());
        co_return co_await send_answer();
    }
    if (protocol::frame_header_bytes + header->payload_bytes <= small_bytes) {
        co_return co_await answer_small(*header);
    }
    if (!is_send(*header) && header->payload_bytes > protocol::control_payload_bytes_max) {
        answer_.fail(error_code::invalid_command);
        co_await send_answer();
        co_return false;  // what follows cannot be told from frames
    }
    if (is_send(*header) && header->payload_bytes > limits_.request_bytes_max) {
        co_return co_await refuse(header->payload_bytes, error_code::invalid_size_bytes);
    }
    if (is_send(*header) && !session_.logged_in()) {
        co_return co_await refuse(header->payload_bytes, error_code::unauthenticated);
    }
    co_return co_await answer_large(*header);
}

/// Reads until `bytes` unread ones are there, at most `small_bytes`.
asio::awaitable<bool> tcp_connection::fill(std::size_t bytes) {
    if (begin_ == end_) {
        begin_ = end_ = 0;
    } else if (begin_ + bytes > small_bytes) {
        std::memmove(small_.data(), small_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    while (end_ - begin_ < bytes) {
        const std::size_t count = co_await stream_.read_some(byte_span{small_}.subspan(end_));
        if (count == 0) {
            co_return false;
        }
        end_ += count;
    }
    co_return true;
}

asio::awaitable<bool> tcp_connection::answer_small(protocol::request_header header) {
    if (!co_await fill(header.payload_bytes)) {
        co_return false;
    }
    const byte_span payload = unread().first(header.payload_bytes);
    begin_ += header.payload_bytes;
    co_await dispatcher_.dispatch(session_, header.code, payload, answer_);
    co_return co_await send_answer();
}

asio::awaitable<bool> tcp_connection::answer_large(protocol::request_header header) {
    const std::size_t payload_bytes = header.payload_bytes;
    overdraft::permit permit;
    storage::buffer space = co_await take(std::min(payload_bytes, trusted_bytes_), permit);
    std::size_t filled = 0;
    while (filled < payload_bytes) {
        if (!space) {
            co_return false;  // stopped while it waited for memory
        }
        const byte_span room = space.bytes().first(std::min(space.size(), payload_bytes));
        const read_deadline deadline = deadline_of(permit, payload_bytes);
        if (!co_await read_payload(room.subspan(filled), payload_bytes - filled, deadline)) {
            if (deadline && std::chrono::steady_clock::now() >= *deadline) {
                note_overdue(payload_bytes);
            }
            co_return false;
        }
        filled = room.size();
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
    co_await dispatcher_.dispatch(session_, header.code, space.bytes().first(payload_bytes),
                                  answer_);
    space = {};
    permit = {};
    co_return co_await send_answer();
}

/// Fills `into` with the next bytes of a payload of which `payload_bytes` are not used yet.
asio::awaitable<bool> tcp_connection::read_payload(byte_span into, std::size_t payload_bytes,
                                                   read_deadline deadline) {
    const std::size_t at_hand = std::min({end_ - begin_, into.size(), payload_bytes});
    std::memcpy(into.data(), small_.data() + begin_, at_hand);
    begin_ += at_hand;
    co_return co_await stream_.read_all(into.subspan(at_hand), deadline);
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

/// Reads a payload without keeping it, then answers with a failure: the stream goes on at the next
/// frame.
asio::awaitable<bool> tcp_connection::refuse(std::size_t payload_bytes, error_code code) {
    const std::size_t at_hand = std::min(end_ - begin_, payload_bytes);
    begin_ += at_hand;
    payload_bytes -= at_hand;
    while (payload_bytes > 0) {  // small_ holds nothing of use now
        const std::size_t count = co_await stream_.read_some(
            byte_span{small_}.first(std::min(payload_bytes, small_bytes)));
        if (count == 0) {
            co_return false;
        }
        payload_bytes -= count;
    }
    answer_.fail(code);
    co_return co_await send_answer();
}

asio::awaitable<bool> tcp_connection::send_answer() {
    const bool sent = co_await stream_.write(answer_.frame(), answer_.messages());
    const bool goes_on = sent && !answer_.closes_connection();
    answer_.reset();  // gives the polled messages back
    co_return goes_on;
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
