#include "journal_lane.hpp"

#include "log_state.hpp"

namespace iggy::storage {

void journal_lane::keep_batch(engine_log::state& log, append_operation& op,
                              std::shared_ptr<segment> target, std::uint64_t position) {
    journal_entry entry;
    entry.what = journal_entry::kind::messages;
    entry.log = log.identity;
    entry.segment = target->base();
    entry.position = static_cast<std::uint32_t>(position);
    entry.content = op.messages;
    requests_.push_back({this, entry, &target->messages.path(), &log.path, log.names_durable()});
    waiting_.push_back({&log, &op, nullptr, std::move(target)});
}

void journal_lane::keep_offset(engine_log::state& log, operation& op, offset_key key,
                               std::optional<message_offset> at) {
    journal_entry entry;
    entry.what = at ? journal_entry::kind::store_offset : journal_entry::kind::delete_offset;
    entry.log = log.identity;
    entry.key = key.raw();
    entry.at = at.value_or(message_offset{});
    requests_.push_back({this, entry, &log.offsets.path(), &log.path, false});
    waiting_.push_back({&log, nullptr, &op, nullptr});
}

void journal_lane::submit() {
    if (!requests_.empty()) {
        owner_.shared.journal->add(requests_);
    }
    if (!waiting_.empty()) {
        do_duty();
    }
}

/// Sees to it that somebody commits.
void journal_lane::do_duty() {
    journal& shared = *owner_.shared.journal;
    if (!shared.take_duty()) {
        return;
    }
    owner_.run(
        [&shared]() -> result<done_t> {
            shared.commit_waiting();
            return done;
        },
        [this](result<done_t>) {
            if (owner_.shared.journal->take_recycling_due()) {
                recycle();
            }
            do_duty();
        });
}

/// The wake-up is sent under the lock: whoever has collected the last delivery may be destroyed.
void journal_lane::deliver(std::size_t count, const result<done_t>& outcome) {
    const std::lock_guard lock{mutex_};
    delivered_.push_back({count, outcome});
    owner_.queue->wake();
}

void journal_lane::collect() {
    {
        const std::lock_guard lock{mutex_};
        collected_.swap(delivered_);
    }
    for (const delivery& each : collected_) {
        finish(each.count, each.outcome);
    }
    collected_.clear();
}

void journal_lane::finish(std::size_t count, const result<done_t>& outcome) {
    for (std::size_t i = 0; i < count; ++i) {
        const waiting& each = waiting_[i];
        if (each.append != nullptr) {
            each.log->on_kept(*each.append, outcome);
        } else {
            each.log->on_offset_kept(*each.change, outcome);
        }
    }
    // Once for each run of the same log.
    for (; count > 0; --count) {
        engine_log::state* const log = waiting_.front().log;
        waiting_.pop_front();
        if (count == 1 || waiting_.front().log != log) {
            log->resolve_kept();
        }
    }
}

/// In the background; when it fails, so will the commit that finds no free file.
void journal_lane::recycle() {
    owner_.run([journal = owner_.shared.journal.get()] { return journal->recycle(); },
               [](result<done_t>) {});
}

}  // namespace iggy::storage
