#pragma once

#include <cstdint>
#include <optional>

#include <boost/asio/awaitable.hpp>

#include <iggy/base/bytes.hpp>

#include "dispatch/answer.hpp"
#include "service/poll.hpp"
#include "service/send.hpp"
#include "session/session.hpp"

namespace iggy::server {

struct command_row;
struct service;

/// Executes the requests of one connection, one at a time, whatever transport they come over, in
/// two steps: most end in the first, which is no coroutine.
class execution {
public:
    /// `answers` must live as long as this.
    execution(service& runs, answer& answers) : service_{runs}, answer_{answers} {}

    /// Begins one request, on the shard of `who`. When it says finished, the answer is there; when
    /// pending, `finish` is awaited at once. `payload` is that of the frame; a send is stamped in
    /// it, in place. `payload` and `who` must live until the end.
    storage::progress begin(session& who, std::uint32_t code, byte_span payload);
    boost::asio::awaitable<void> finish();

private:
    service& service_;
    answer& answer_;
    // The one that is pending.
    std::optional<send> send_;
    std::optional<poll> poll_;
    std::optional<boost::asio::awaitable<void>> other_;
};

}  // namespace iggy::server
