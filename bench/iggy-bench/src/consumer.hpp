#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include <iggy/protocol/messages.hpp>

#include "actor.hpp"
#include "connection.hpp"
#include "workload.hpp"

namespace iggy::bench {

/// Polls one stream by offset.
class consumer final : public actor {
public:
    /// Which stream and from where.
    struct source {
        std::uint32_t number = 1;  ///< of the consumer and of its stream
        message_offset begin{};
        /// Who fills the stream meanwhile: the consumer follows until it has all of it, and records
        /// how old the first message of each batch is. Without, it ends where the stream ends, and
        /// records the time of its requests. Outlives the consumer.
        const stream_progress* producer = nullptr;
    };
    consumer(connection over, const workload& work, const source& from);

    void begin_turn() override { found_end_ = false; }
    result<std::optional<step_outcome>> step(clock::time_point due) override;
    bool at_end() const override;

private:
    connection over_;
    number_range batch_messages_;
    const stream_progress* producer_;
    protocol::poll_messages poll_;
    std::vector<std::byte> frame_;
    std::mt19937_64 random_;
    std::uint64_t received_ = 0;
    bool found_end_ = false;
};

}  // namespace iggy::bench
