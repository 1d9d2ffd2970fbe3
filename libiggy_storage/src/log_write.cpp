// The way of stamped batches to the kernel: gathered, written, committed, or taken back.

#include <algorithm>
#include <utility>

#include "log_state.hpp"

namespace iggy::storage {

namespace {

// One write takes at most this much of what waits.
constexpr std::size_t gathered_bytes_max = std::size_t{8} << 20;
constexpr std::size_t gathered_parts_max = 256;
constexpr std::size_t block_bytes_least = std::size_t{16} << 10;
constexpr std::size_t block_bytes_most = std::size_t{1} << 20;

}  // namespace

void engine_log::state::enqueue(append_operation& op) {
    if (level == durability::memory && borrowed_items == 0 && buffer_batch(op)) {
        commit(next, op.count, op.messages.size());
        finish(op, done);
        return;
    }
    write_item item;
    item.bytes = op.messages;
    item.op = &op;
    item.target = segments.back();
    item.position = op.end_position_ - op.messages.size();
    item.after = item.target->summary;
    items.push_back(std::move(item));
    ++borrowed_items;
    flush_position = stamped_position;
}

/// Copies the batch to the tail of what waits to be written; false when the memory limit leaves no
/// room.
bool engine_log::state::buffer_batch(append_operation& op) {
    const std::size_t size = op.messages.size();
    const bool extendable = items.size() > items_in_flight && items.back().owned &&
                            items.back().target == segments.back() &&
                            items.back().owned.size() - items.back().bytes.size() >= size;
    if (!extendable) {
        const std::size_t last = items.empty() ? 0 : items.back().owned.size();
        write_item item;
        item.owned = owner->buffers.try_take(
            std::max(size, std::clamp(last * 2, block_bytes_least, block_bytes_most)));
        if (!item.owned) {
            return false;
        }
        item.bytes = item.owned.bytes().first(0);
        item.target = segments.back();
        item.position = op.end_position_ - size;
        items.push_back(std::move(item));
    }
    write_item& tail = items.back();
    const std::size_t used = tail.bytes.size();
    std::ranges::copy(op.messages, tail.owned.bytes().begin() + static_cast<std::ptrdiff_t>(used));
    tail.bytes = tail.owned.bytes().first(used + size);
    tail.after = tail.target->summary;
    const std::uint64_t unwritten = stamped_position - written_position;
    const std::uint64_t messages = tail.after.messages - tail.target->written.messages;
    if (unwritten >= shared.options.flush_bytes || messages >= shared.options.flush_messages ||
        tail.target->full) {
        flush_position = stamped_position;
    }
    return true;
}

/// Writes what waits, one write at a time; small ones at once, large ones through the queue.
void engine_log::state::start_writes() {
    while (items_in_flight == 0 && !items.empty() && !cut_unsynced &&
           items.front().position < flush_position && !failed) {
        const std::shared_ptr<segment> target = items.front().target;
        parts.clear();
        std::size_t bytes = 0;
        for (const write_item& item : items) {
            const bool fits = parts.empty() || (bytes + item.bytes.size() <= gathered_bytes_max &&
                                                parts.size() < gathered_parts_max);
            if (item.target != target || !fits) {
                break;
            }
            parts.push_back(item.bytes);
            bytes += item.bytes.size();
        }
        items_in_flight = parts.size();
        const std::uint64_t position = target->written.bytes;
        auto opened = target->messages.get(open_mode::create);
        if (!opened) {
            on_written(opened.error());
            continue;
        }
        file& into = **opened;
        if (bytes <= shared.options.inline_write_bytes_max) {
            const auto written = into.write_at(position, parts);
            on_written(written ? result<std::size_t>{bytes} : written.error());
        } else {
            target->messages.pin();
            owner->queue->write(into, position, parts, write_request);
            owner->wake();
            return;
        }
    }
}

/// Called with the outcome of the write of the first `items_in_flight` items.
void engine_log::state::on_written(result<std::size_t> moved) {
    if (!moved) {
        fail_writes(moved.error());
    } else {
        finish_written();
        if (failed && !items.empty()) {
            fail_writes(*failed);
        }
    }
    when_idle();
}

void engine_log::state::finish_written() {
    std::uint64_t bytes = 0;
    const std::shared_ptr<segment> target = items.front().target;
    const auto written = items.begin() + static_cast<std::ptrdiff_t>(items_in_flight);
    items_in_flight = 0;
    for (auto at = items.begin(); at != written; ++at) {
        write_item& item = *at;
        bytes += item.bytes.size();
        target->written = item.after;
        written_position += item.bytes.size();
        if (item.op == nullptr) {
            continue;
        }
        --borrowed_items;
        append_operation& op = *item.op;
        if (level == durability::synced && !failed) {
            op.kept_ = false;
            op.in_journal_ = op.messages.size() <= shared.options.journal_batch_bytes_max;
            if (op.in_journal_) {
                owner->journal.keep_batch(*this, op, item.target,
                                          item.position - item.target->log_position);
            }
            syncing.push(op);
        } else if (level == durability::synced) {
            finish(op, *failed);
        } else {
            commit(op.next_, op.count, op.messages.size());
            finish(op, done);
        }
    }
    items.erase(items.begin(), written);
    shared.unsynced_bytes.fetch_add(bytes, std::memory_order_relaxed);
    tell_reached(write_waiters, written_position);
    if (level == durability::synced) {
        start_sync();
    }
    checkpoint_when_due();
    prepare_next_segment();
}

/// The write failed: nothing of it or of what came after it was committed, so all of that is taken
/// back.
void engine_log::state::fail_writes(const error& why) {
    items_in_flight = 0;
    const std::shared_ptr<segment> failed_at = items.front().target;
    const error failure = located(why, *failed_at);
    std::vector<append_operation*> failing;
    std::vector<write_item> kept;
    for (write_item& item : items) {
        if (item.op != nullptr) {
            failing.push_back(item.op);
            --borrowed_items;
        } else if (on_quiet.empty()) {
            // Acknowledged from memory: tried again at the next flush.
            kept.push_back(std::move(item));
        }
    }
    items = std::move(kept);
    const std::shared_ptr<segment> target = items.empty() ? failed_at : items.back().target;
    while (segments.back() != target) {
        (void)shared.files->remove(segments.back()->messages.path());
        segments.pop_back();
    }
    target->summary = items.empty() ? target->written : items.back().after;
    target->full = false;
    cut_index(*target, target->summary.bytes);
    stamped_position = target->end_position();
    flush_position =
        std::min(flush_position, items.empty() ? stamped_position : items.front().position);
    if (!failing.empty()) {
        next = std::max(floor, failing.front()->first);
    }
    // Bytes of the failed batch must not be found by a recovery, or a shorter batch would be
    // followed by its rest.
    failed_at->room.reset();  // the cut frees it
    auto opened = failed_at->messages.get(open_mode::create);
    if (!opened || !(*opened)->resize(failed_at->written.bytes)) {
        failed = failure;
        failed->code = errc::read_only;
    }
    if (!failed) {
        sync_cut(*failed_at);
    }
    if (why.code == errc::no_space) {
        give_back_next_segment();
    }
    note_segments();
    if (!items.empty()) {
        unwritable = failure;
    }
    for (auto& [position, then] : std::exchange(write_waiters, {})) {
        then(failure);
    }
    if (failed) {
        fail_waiting(failure);  // they come before these
    }
    for (append_operation* op : failing) {
        finish(*op, failed.value_or(failure));
    }
}

/// A cut that a power cut undid would bring the failed batch back, behind or among what was written
/// in its place.
void engine_log::state::sync_cut(const segment& at) {
    cut_unsynced = true;
    ++uses_in_flight;
    run_sync(
        [files = shared.files.get(), path = at.messages.path()] { return sync_file(*files, path); },
        [this](result<done_t> outcome) {
            cut_unsynced = false;
            --uses_in_flight;
            if (outcome) {
                start_writes();
            } else {
                fail_sync(outcome.error());
            }
            when_idle();
        });
}

void engine_log::state::commit(message_offset up_to, std::uint64_t messages, std::uint64_t bytes) {
    committed_next = up_to;
    committed_position += bytes;
    counters->committed_next.store(up_to.raw(), std::memory_order_relaxed);
    counters->messages.fetch_add(messages, std::memory_order_relaxed);
    counters->bytes.fetch_add(bytes, std::memory_order_relaxed);
    if (!commit_waiters.empty()) {
        std::erase_if(commit_waiters, [this](const auto& waiter) {
            if (committed_next <= waiter.first) {
                return false;
            }
            owner->finish(*waiter.second, done);
            owner->wake();
            return true;
        });
    }
}

void engine_log::state::finish(append_operation& op, result<done_t> outcome) {
    if (&op == inside) {
        op.outcome = outcome;
        inside_finished = true;
    } else {
        owner->finish(op, outcome);
    }
}

std::uint64_t engine_log::state::committed_bytes(const segment& of) const {
    return committed_position <= of.log_position
               ? 0
               : std::min(of.summary.bytes, committed_position - of.log_position);
}

}  // namespace iggy::storage
