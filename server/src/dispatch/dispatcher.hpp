#pragma once

#include <cstdint>

#include <boost/asio/awaitable.hpp>

#include <iggy/base/bytes.hpp>

#include "dispatch/answer.hpp"
#include "session/session.hpp"

namespace iggy::server {

struct service;

/// Executes requests, whatever transport they came over. Shared by all shards; holds no state.
class dispatcher {
public:
    explicit dispatcher(service& runs) : service_{runs} {}

    /// Executes one request and fills `out`. `payload` is that of the frame; a send is stamped in
    /// it, in place. `payload`, `who` and `out` must live until the end. On the shard of `who`.
    boost::asio::awaitable<void> dispatch(session& who, std::uint32_t code, byte_span payload,
                                          answer& out);

private:
    service& service_;
};

}  // namespace iggy::server
