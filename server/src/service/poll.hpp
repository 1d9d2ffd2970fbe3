#pragma once

#include <optional>

#include <boost/asio/awaitable.hpp>

#include <iggy/base/bytes.hpp>
#include <iggy/base/ids.hpp>

#include "dispatch/answer.hpp"
#include "partition/poll_request.hpp"
#include "service/call.hpp"

namespace iggy::server {

/// One poll: decoding, login, place, rights, then the read. Stays where it is while it is pending.
class poll {
public:
    poll(service& server, session& who, answer& out) : server_{server}, who_{who}, out_{out} {}

    /// When pending, `finish` is awaited at once.
    storage::progress begin(byte_view payload);
    /// The messages go to the client from where the engine read them.
    boost::asio::awaitable<void> finish();

private:
    storage::progress read(shard& owner);
    bool lacks_memory() const noexcept;
    void put_answer();

    service& server_;
    session& who_;
    answer& out_;
    partition_id partition_;
    poll_query query_;
    std::optional<poll_request> request_;
    bool reading_ = false;  // as opposed to: there was no memory
};

}  // namespace iggy::server
