#pragma once

#include <cstdint>
#include <utility>

#include "actor.hpp"
#include "batch_source.hpp"
#include "connection.hpp"

namespace iggy::bench {

/// Sends batches to one stream.
class producer final : public actor {
public:
    /// `stream` outlives it.
    producer(connection over, batch_source batches, stream_progress& stream)
        : over_{std::move(over)}, batches_{std::move(batches)}, stream_{stream} {}

    void begin_turn() override { stream_.done = false; }
    result<std::optional<step_outcome>> step(clock::time_point due) override;
    void end_turn() override { stream_.done = true; }

private:
    connection over_;
    batch_source batches_;
    stream_progress& stream_;
};

}  // namespace iggy::bench
