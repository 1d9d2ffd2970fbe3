#pragma once

#include <iggy/storage/engine.hpp>

#include "shard/shard_request.hpp"

namespace iggy::server {

/// Appends one batch to a log on the shard that owns it.
class append_request final : public shard_request, private storage::append_operation {
public:
    /// `batch` is stamped in place and must live until the request has run.
    append_request(log_uid log, byte_span batch) : shard_request{log} { messages = batch; }

    /// How it went, once it has run. Errors: not_found (the log is gone), those of
    /// engine_log::append.
    const storage::result<done_t>& result() const noexcept { return outcome; }

private:
    storage::progress start(storage::engine_log* log) override;
    void on_finished() noexcept override { finish(); }
};

}  // namespace iggy::server
