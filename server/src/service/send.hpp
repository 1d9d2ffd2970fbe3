#pragma once

#include <optional>

#include <boost/asio/awaitable.hpp>

#include <iggy/base/bytes.hpp>

#include "dispatch/answer.hpp"
#include "partition/append_request.hpp"
#include "service/call.hpp"

namespace iggy::server {

/// One send: login, then the checks of the batch, then the place, then the append. Stays where it
/// is while it is pending.
class send {
public:
    send(service& server, session& who, answer& out) : server_{server}, who_{who}, out_{out} {}

    /// The messages are stamped where they stand in `payload`, which must live until the end. When
    /// pending, `finish` is awaited at once.
    storage::progress begin(byte_span payload);
    boost::asio::awaitable<void> finish();

private:
    void put_answer();

    service& server_;
    session& who_;
    answer& out_;
    std::optional<append_request> append_;
};

}  // namespace iggy::server
