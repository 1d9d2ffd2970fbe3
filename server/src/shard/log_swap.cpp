#include "shard/log_swap.hpp"

#include <utility>

namespace iggy::server {

void log_swap::begin(shard_map& shards, shard& here, log_uid mine, shard& there, log_uid theirs) {
    if (!shards.moved_.add(mine, here.number()) || !shards.moved_.add(theirs, there.number())) {
        return;
    }
    auto* const swap = new log_swap{shards, here, mine, there, theirs};
    shards.swaps_ += 1;
    there.mail().post(*swap);
}

void log_swap::deliver() noexcept {
    switch (next_) {
        case step::fetch:
            fetch();
            break;
        case step::exchange:
            exchange();
            break;
        case step::deliver:
            take_in(there_);
            end();
            break;
    }
}

/// On `there_`.
void log_swap::fetch() {
    auto log = there_.engine().detach_log(theirs_);
    if (log == nullptr) {
        end();
        return;
    }
    hand_over(std::move(log), here_, step::exchange);
}

/// On `here_`: takes theirs in and gives mine, or gives theirs back.
void log_swap::exchange() {
    auto log = here_.engine().detach_log(mine_);
    if (log == nullptr) {
        log = std::move(carried_);
    } else {
        take_in(here_);
        shards_.exchange_.note_move(mine_, log_exchange::clock::now());
        shards_.exchange_.note_move(theirs_, log_exchange::clock::now());
    }
    hand_over(std::move(log), there_, step::deliver);
}

void log_swap::hand_over(std::unique_ptr<storage::engine_log> log, shard& to, step following) {
    shards_.moved_.set(log->uid(), {to.number(), true});
    carried_ = std::move(log);
    next_ = following;
    to.mail().post(*this);
}

void log_swap::take_in(shard& to) {
    const log_uid log = to.engine().attach_log(std::move(carried_)).uid();
    shards_.moved_.set(log, {to.number(), false});
}

void log_swap::end() {
    shards_.swaps_ -= 1;
    delete this;
}

}  // namespace iggy::server
