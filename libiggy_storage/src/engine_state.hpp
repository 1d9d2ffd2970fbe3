#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include <iggy/base/message.hpp>
#include <iggy/storage/engine.hpp>
#include <iggy/storage/io_queue.hpp>

#include "data_directory_state.hpp"
#include "file_cache.hpp"
#include "journal_lane.hpp"
#include "operation_queue.hpp"

namespace iggy::storage {

/// Random 128-bit ids (UUID version 4 in text order) for messages that came without one. Not for
/// secrets.
class id_generator {
public:
    id_generator();
    message_id next() noexcept {
        constexpr std::uint64_t version_at = 52;  // upper half of byte 6
        constexpr std::uint64_t variant_at = 6;   // upper two bits of byte 8
        const std::uint64_t first = word() & ~(std::uint64_t{0xf} << version_at);
        const std::uint64_t second = word() & ~(std::uint64_t{0b11} << variant_at);
        return std::bit_cast<message_id>(std::array{first | (std::uint64_t{4} << version_at),
                                                    second | (std::uint64_t{0b10} << variant_at)});
    }

private:
    /// xoshiro256**, by Blackman and Vigna.
    std::uint64_t word() noexcept {
        const std::uint64_t out = std::rotl(state_[1] * 5, 7) * 9;
        const std::uint64_t shifted = state_[1] << 17;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= shifted;
        state_[3] = std::rotl(state_[3], 45);
        return out;
    }

    std::array<std::uint64_t, 4> state_;
};

/// What the logs of one engine share.
struct engine::state {
    std::shared_ptr<data_directory> directory;
    data_directory::state& shared;
    std::unique_ptr<io_queue> queue;
    buffer_pool buffers;
    file_cache files;
    file_cache drawing_files;                    // of logs that may use the reserve
    bool refilling = false;                      // the reserve, on a helper thread
    std::deque<engine_log::state*> write_backs;  // in line, first come first
    bool writing_back = false;                   // for one of them, on a helper thread
    journal_lane journal;
    id_generator ids;
    std::unordered_map<log_uid, std::unique_ptr<engine_log>> logs;
    operation_queue finished;  // on_finished is still to be called
    /// Destroyed when no call of theirs is on the stack.
    std::vector<std::unique_ptr<engine_log>> forgotten;
    std::vector<engine_log::state*> ending;  // told to, but something may be on its way
    std::uint64_t ticks = 0;
    bool submitting = false;  // what is started is handed over before the call returns

    state(std::shared_ptr<data_directory> directory, std::unique_ptr<io_queue> queue);

    timestamp now() const;
    file_cache& files_of(bool draws_on_reserve) noexcept {
        return draws_on_reserve ? drawing_files : files;
    }
    /// Makes the descriptor readable, where no submit follows anyway: an append that started or
    /// finished something else may be answered already, so that nobody hands it over.
    void wake() noexcept;
    /// Runs blocking work on a helper thread, then `then` on this one.
    void run(std::function<result<done_t>()> work, std::function<void(result<done_t>)> then);
    void finish(operation& op, result<done_t> outcome) {
        op.outcome = outcome;
        finished.push(op);
    }
    void start_write_back();
    void call_finished();
    void forget(log_uid uid);
};

/// An io_request that calls a function; for requests that a log has one of at a time.
class callback_request : public io_request {
public:
    explicit callback_request(std::function<void(result<std::size_t>)> then)
        : then_{std::move(then)} {}
    void on_done(result<std::size_t> moved) override { then_(moved); }

private:
    std::function<void(result<std::size_t>)> then_;
};

}  // namespace iggy::storage
