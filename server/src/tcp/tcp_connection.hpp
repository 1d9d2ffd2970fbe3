#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <iggy/protocol/frame.hpp>
#include <iggy/storage/memory.hpp>

#include "dispatch/answer.hpp"
#include "dispatch/execution.hpp"
#include "service/service.hpp"
#include "session/session.hpp"
#include "tcp/core_watch.hpp"
#include "tcp/overdraft.hpp"
#include "tcp/tcp_stream.hpp"

namespace iggy::server {

/// What all connections of the server share.
struct tcp_limits {
    std::uint32_t request_bytes_max = 0;  ///< payload of SendMessages
    overdraft& beyond_memory;
    overdraft_terms terms{};  ///< of whoever took `beyond_memory`
    bool migrates = true;     ///< connections move to their logs, and logs to their clients
};

/// One TCP connection: reads frames in order, has each answered before the next. Made by
/// `tcp_connections` on the shard that runs it; ends with `serve`.
class tcp_connection {
public:
    tcp_connection(boost::asio::ip::tcp::socket socket, session who, service& runs,
                   const tcp_limits& limits)
        : stream_{std::move(socket)},
          session_{std::move(who)},
          limits_{limits},
          shards_{runs.shards},
          execution_{runs, answer_} {}

    /// Serves until the peer ends, the connection breaks, `stop` was called, or the connection had
    /// better run elsewhere: then `moving_to` says where.
    boost::asio::awaitable<void> serve();
    /// Null after `serve` when the connection has ended.
    shard* moving_to() const noexcept { return moving_to_; }
    /// Makes it ready for `serve` on the shard that it moves to; on the shard that it leaves. False
    /// when it broke.
    bool move();
    /// Lets the request that is being answered end, says good-bye and ends.
    void stop() noexcept;
    /// Ends without waiting for the peer.
    void abort() noexcept;

    const session& who() const noexcept { return session_; }

private:
    /// Idle connections cost this much.
    static constexpr std::size_t small_bytes = 4096;
    /// What is there is read into a block that the connection has only while it is at work: frames
    /// that fit into it are answered where they stand.
    static constexpr std::size_t block_bytes = std::size_t{128} * 1024;
    static constexpr std::size_t first_buffer_bytes = std::size_t{64} * 1024;
    /// Then other connections get their turn, as they do before each read.
    static constexpr int requests_in_a_row_max = 32;
    /// How often all others get theirs before a consumer that is far behind polls again, as long as
    /// there are sends among what they ask: it can wait, and producers cannot.
    static constexpr int turns_let_pass_max = 8;
    /// Beyond that they are spaced, unless such a consumer polls more than this many times what
    /// producers send meanwhile: then they are hardly at work.
    static constexpr std::uint64_t polled_per_sent_max = 4;

    /// What the bytes that were read begin with.
    struct incoming {
        enum class kind : std::uint8_t { part, in_place, large, invalid };
        kind what = kind::part;
        std::size_t bytes = protocol::frame_header_bytes;  ///< of the part that must be there
        protocol::request_header header{};
        protocol::error_code wrong{};
    };

    boost::asio::awaitable<void> let_senders_pass(std::size_t polled_bytes,
                                                  poll_spacing::clock::duration took);
    void look_at_cores();
    incoming next_frame();
    bool is_answered_in_place(protocol::request_header header) const noexcept;
    bool take_block();
    byte_span room_for(std::size_t bytes);
    std::optional<std::size_t> read_more(std::size_t bytes);
    void give_block_back() noexcept;
    byte_span take_unread(std::size_t bytes) noexcept;
    boost::asio::awaitable<bool> answer_large(protocol::request_header header);
    std::size_t take_at_hand(byte_span into, std::size_t payload_bytes) noexcept;
    read_deadline deadline_of(const overdraft::permit& permit,
                              std::size_t payload_bytes) const noexcept;
    void note_overdue(std::size_t payload_bytes) const;
    boost::asio::awaitable<storage::buffer> take(std::size_t bytes, overdraft::permit& permit);
    boost::asio::awaitable<bool> refuse(std::size_t payload_bytes, protocol::error_code code);

    tcp_stream stream_;
    session session_;
    const tcp_limits& limits_;
    shard_map& shards_;
    core_watch watch_;
    answer answer_;
    execution execution_;
    bool stopping_ = false;
    std::uint64_t sent_here_before_ = 0;  // to the shard, when a far poll last let senders pass
    shard* moving_to_ = nullptr;
    /// What the last frame that did not fit into a block needed: the next one is trusted with as
    /// much before its bytes are there.
    std::size_t trusted_bytes_ = first_buffer_bytes;
    bool reads_ahead_ = true;  // the last frame fitted into a block
    storage::buffer block_;
    byte_span place_{small_};             // the block, or `small_` while there is none
    byte_span unread_ = place_.first(0);  // of what was read there
    std::array<std::byte, small_bytes> small_;
};

}  // namespace iggy::server
