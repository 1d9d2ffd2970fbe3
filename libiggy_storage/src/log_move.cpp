// A log goes from one engine to another.

#include "log_state.hpp"

namespace iggy::storage {

/// Whether nothing of it will come back to the engine, which messages that `memory` level holds
/// back do not hinder. Nor must the log have failed or be about to end: that is finished where it
/// began.
bool engine_log::state::may_move() const {
    const bool writes_rest = items_in_flight == 0 && borrowed_items == 0 && syncing.empty() &&
                             write_waiters.empty() && held.empty() && !held_back;
    return writes_rest && is_at_rest() && commit_waiters.empty() && !failed && !closing;
}

/// On the thread of the old engine: its caches are not to be touched from the new one's.
void engine_log::state::leave_engine() {
    for (const auto& at : segments) {
        at->messages.leave_cache();
    }
    offsets.leave_cache();
    owner = nullptr;
    segment_files = nullptr;
}

void engine_log::state::enter_engine(engine::state& other) {
    owner = &other;
    segment_files = &other.files_of(draws_on_reserve);
    for (const auto& at : segments) {
        at->messages.enter_cache(*segment_files);
    }
    offsets.enter_cache(other.files);
}

}  // namespace iggy::storage
