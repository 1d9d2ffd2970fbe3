#pragma once

#include <cstdint>
#include <optional>

#include <iggy/protocol/primitives.hpp>
#include <iggy/storage/engine.hpp>

#include "shard/shard_request.hpp"

namespace iggy::server {

/// What a poll asks of one log.
struct poll_query {
    log_uid log;
    protocol::polling_strategy strategy;
    std::uint32_t count = 0;
    /// Whose stored offset `next` starts after and `auto_commit` moves.
    storage::offset_key consumer;
    bool auto_commit = false;
};

/// Reads messages on the shard that owns their log and, with auto-commit, stores the offset of the
/// last one before it answers.
class poll_request final : public shard_request, private storage::read_operation {
public:
    explicit poll_request(const poll_query& query)
        : shard_request{query.log}, query_{query}, store_{*this} {}

    /// How it went, once it has run. Errors: not_found (the log is gone), those of
    /// engine_log::read and engine_log::store_offset.
    const storage::result<done_t>& result() const noexcept { return outcome; }
    /// Offset of the newest committed message; 0 also when there is none.
    message_offset current_offset() const noexcept;
    std::uint32_t count() const noexcept { return messages_count; }
    /// About how much of the log follows what was read, were all messages like those.
    std::uint64_t bytes_behind() const noexcept;
    /// The messages, back to back; they lie in what `take_storage` hands out.
    byte_view bytes() const noexcept { return messages; }
    storage::buffer take_storage() noexcept { return std::move(storage); }

private:
    /// Stores the offset after the read.
    class store final : public storage::operation {
    public:
        explicit store(poll_request& poll) : poll_{poll} {}
        void on_finished() noexcept override { poll_.after_store(); }

    private:
        poll_request& poll_;
    };

    storage::progress start(storage::engine_log* log) override;
    void on_finished() noexcept override;
    storage::progress after_read();
    void after_store() noexcept;
    bool resolve_start(const storage::engine_log& log);

    poll_query query_;
    store store_;
};

}  // namespace iggy::server
