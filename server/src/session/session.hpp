#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <iggy/base/ids.hpp>
#include <iggy/base/time.hpp>
#include <iggy/protocol/primitives.hpp>

#include "catalog/catalog_state.hpp"

namespace iggy::server {

class shard;

/// One connection as others see it, in the list of clients. Kept up to date by its session, read by
/// any shard.
struct client_record {
    client_id id;
    std::string address;  ///< `ip:port` of the peer
    protocol::transport_kind transport = protocol::transport_kind::tcp;
    std::atomic<std::uint32_t> user{protocol::no_user.raw()};
    std::atomic<std::uint64_t> last_ping_micros{0};
};

/// What the server knows about one connection. Its only tie to a shard is `home`, so that it can
/// move with its connection.
class session {
public:
    session(shard& runs_on, std::shared_ptr<client_record> shown_as)
        : home{&runs_on}, client{std::move(shown_as)} {}

    shard* home;  ///< runs the connection
    std::shared_ptr<client_record> client;
    std::optional<catalog_caller> user;  ///< nobody before login

    bool logged_in() const noexcept { return user.has_value(); }
    void log_in(catalog_caller who) noexcept {
        user = who;
        client->user.store(who.user.raw(), std::memory_order_relaxed);
    }
    void log_out() noexcept {
        user.reset();
        client->user.store(protocol::no_user.raw(), std::memory_order_relaxed);
    }

    /// Notes that a request works on `log`, which is with `owner`.
    void note_use(log_uid log, shard& owner) noexcept {
        last_log_ = log;
        uses_ = &owner == used_ ? uses_ + 1 : 1;
        used_ = &owner;
    }
    /// Of the last request to a log; nothing when there was none since the last call.
    std::optional<log_uid> take_last_log() noexcept {
        return std::exchange(last_log_, std::nullopt);
    }
    /// Where the connection had better run: the shard that its last requests all went to. Its home
    /// when there is none.
    shard& better_home() const noexcept {
        constexpr unsigned uses_least = 16;  // fewer are no habit
        return uses_ >= uses_least ? *used_ : *home;
    }

private:
    std::optional<log_uid> last_log_;
    shard* used_ = nullptr;  // by the last request to a log
    unsigned uses_ = 0;      // in a row
};

}  // namespace iggy::server
