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
        const incoming next = next_frame();
        switch (next.what) {
            case incoming::kind::part: {
                const auto [ec, count] = co_await stream_.read_some(room_for(next.bytes));
                goes_on = !ec && count > 0;
                end_ += count;
                continue;
            }
            case incoming::kind::small: {
                begin_ += protocol::frame_header_bytes;
                const byte_span payload = take_unread(next.header.payload_bytes);
                if (execution_.begin(session_, next.header.code, payload) ==
                    storage::progress::pending) {
                    co_await execution_.finish();
                }
                break;
            }
            case incoming::kind::large:
                begin_ += protocol::frame_header_bytes;
                goes_on = co_await answer_large(next.header);
                break;
            case incoming::kind::invalid:
                begin_ += protocol::frame_header_bytes;
                answer_.fail(next.wrong);
                break;
        }
        // Here and not in a function: most answers go out at once, without a coroutine.
        byte_view head = answer_.frame();
        byte_view messages = answer_.messages();
        bool sent = stream_.write_now(head, messages);
        if (sent && !(head.empty() && messages.empty())) {
            sent = co_await stream_.write(head, messages);
        }
        goes_on = goes_on && sent && !answer_.closes_connection();
        answer_.reset();  // gives the polled messages back
        shard& better = session_.better_home();
        if (goes_on && limits_.migrates && &better != session_.home) {
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

bool tcp_connection::move() {
    session_.home = std::exchange(moving_to_, nullptr);
    return stream_.move_to(session_.home->context());
}

tcp_connection::incoming tcp_connection::next_frame() noexcept {
    if (end_ - begin_ < protocol::frame_header_bytes) {
        return {};
    }
    const byte_span unread = byte_span{small_}.subspan(begin_, end_ - begin_);
    const auto header =
        protocol::decode_request_header(unread.first<protocol::frame_header_bytes>());
    if (!header) {
        return {.what = incoming::kind::invalid, .wrong = header.error()};
    }
    const std::size_t frame_bytes = protocol::frame_header_bytes + header->payload_bytes;
    if (frame_bytes > small_bytes) {
        return {.what = incoming::kind::large, .header = *header};
    }
    if (frame_bytes > unread.size()) {
        return {.what = incoming::kind::part, .bytes = frame_bytes};
    }
    return {.what = incoming::kind::small, .header = *header};
}

/// Where the next bytes go, so that `bytes` unread ones in a row fit, at most `small_bytes`.
byte_span tcp_connection::room_for(std::size_t bytes) noexcept {
    if (begin_ == end_) {
        begin_ = end_ = 0;
    } else if (begin_ + bytes > small_bytes) {
        std::memmove(small_.data(), small_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    return byte_span{small_}.subspan(end_);
}

byte_span tcp_connection::take_unread(std::size_t bytes) noexcept {
    const byte_span taken = byte_span{small_}.subspan(begin_, bytes);
    begin_ += bytes;
    return taken;
}

/// Answers a request that does not fit into `small_`, of which the header was taken. False when the
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
    const std::size_t at_hand = std::min({end_ - begin_, into.size(), payload_bytes});
    std::memcpy(into.data(), small_.data() + begin_, at_hand);
    begin_ += at_hand;
    return at_hand;
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
    const std::size_t at_hand = std::min(end_ - begin_, payload_bytes);
    begin_ += at_hand;
    payload_bytes -= at_hand;
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
