#include "shard/log_swap.hpp"

#include <utility>

namespace iggy::server {

void log_swap::begin(shard_map& shards, shard& here, log_uid mine, shard& there, log_uid theirs) {
    auto log = take_out(shards, here, mine);
    if (log == nullptr) {
        return;
    }
    auto* const swap = new log_swap{shards, here, there, theirs};
    shards.swaps_ += 1;
    swap->hand_over(std::move(log), there);
}

void log_swap::deliver() noexcept {
    if (!going_home_) {
        exchange();
        return;
    }
    take_in(here_);
    shards_.swaps_ -= 1;
    delete this;
}

/// On `there_`: takes mine in and gives theirs, or gives mine back.
void log_swap::exchange() {
    auto log = take_out(shards_, there_, theirs_);
    if (log == nullptr) {
        log = std::move(carried_);
    } else {
        const auto now = log_exchange::clock::now();
        shards_.exchange_.note_move(carried_->uid(), now);
        shards_.exchange_.note_move(theirs_, now);
        take_in(there_);
    }
    going_home_ = true;
    hand_over(std::move(log), here_);
}

/// On the thread of `from`; null when the log stays there.
std::unique_ptr<storage::engine_log> log_swap::take_out(shard_map& shards, shard& from,
                                                        log_uid log) {
    const bool may_move =
        from.engine().find(log) != nullptr && shards.moved_.add(log, from.number());
    return may_move ? from.engine().detach_log(log) : nullptr;
}

void log_swap::hand_over(std::unique_ptr<storage::engine_log> log, shard& to) {
    shards_.moved_.set(log->uid(), {to.number(), true});
    carried_ = std::move(log);
    to.mail().post(*this);
}

void log_swap::take_in(shard& to) {
    const log_uid log = to.engine().attach_log(std::move(carried_)).uid();
    shards_.moved_.set(log, {to.number(), false});
}

}  // namespace iggy::server
