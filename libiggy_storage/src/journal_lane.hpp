#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include <iggy/storage/engine.hpp>

#include "journal.hpp"
#include "log_segment.hpp"

namespace iggy::storage {

/// One engine's way to the journal and back. Used on the engine's thread, except for `deliver`.
class journal_lane : public journal_client {
public:
    explicit journal_lane(engine::state& owner) : owner_{owner} {}

    /// Keeps a batch that was written at `position` of the segment; then tells the log.
    void keep_batch(engine_log::state& log, append_operation& op, std::shared_ptr<segment> target,
                    std::uint64_t position);
    /// Keeps a change of a stored offset that was written, or with nothing in `at` its removal;
    /// then tells the log.
    void keep_offset(engine_log::state& log, operation& op, offset_key key,
                     std::optional<message_offset> at);

    /// Hands over what came in this turn.
    void submit();
    /// Tells the logs what was delivered.
    void collect();

    void deliver(std::size_t count, const result<done_t>& outcome) override;

private:
    struct waiting {
        engine_log::state* log = nullptr;
        append_operation* append = nullptr;  // or
        operation* change = nullptr;         // of a stored offset
        std::shared_ptr<segment> target;     // its path is needed until the commit is over
    };
    struct delivery {
        std::size_t count = 0;
        result<done_t> outcome;
    };
    void do_duty();
    void finish(std::size_t count, const result<done_t>& outcome);
    void recycle();

    engine::state& owner_;
    std::vector<journal_request> requests_;  // of this turn
    std::deque<waiting> waiting_;            // oldest first, those of this turn included

    std::mutex mutex_;
    std::vector<delivery> delivered_;
    std::vector<delivery> collected_;
};

}  // namespace iggy::storage
