#pragma once

#include <utility>

#include <iggy/storage/engine.hpp>

#include "shard/shard_request.hpp"

namespace iggy::server {

/// Runs `Start` on the shard that owns a log: a function (engine_log&, operation&) -> progress that
/// starts one operation of the log. For what is rarer than appends and polls.
template <class Start>
class log_request final : public shard_request, private storage::operation {
public:
    log_request(log_uid log, Start start) : shard_request{log}, start_{std::move(start)} {}

    /// How it went, once it has run. Errors: not_found (the log is gone), those of the operation.
    const storage::result<done_t>& result() const noexcept { return outcome; }

private:
    storage::progress start(storage::engine_log* log) override {
        if (log == nullptr) {
            outcome = storage::error{storage::errc::not_found};
            return storage::progress::finished;
        }
        return start_(*log, static_cast<storage::operation&>(*this));
    }
    void on_finished() noexcept override { finish(); }

    Start start_;
};

}  // namespace iggy::server
