// The way of a batch: stamp, write, commit.

#include <algorithm>

#include <iggy/base/assert.hpp>
#include <iggy/base/message.hpp>

#include "log_state.hpp"

namespace iggy::storage {

namespace {

// A queued write costs a hop to another thread; up to this size the copy is cheaper. Bytes.
constexpr std::size_t inline_write_bytes_max = std::size_t{256} << 10;
constexpr std::size_t batch_bytes_max = std::size_t{1} << 30;
// One write takes at most this much of what waits.
constexpr std::size_t gathered_bytes_max = std::size_t{8} << 20;
constexpr std::size_t gathered_parts_max = 256;
// Space is reserved ahead in growing steps, so that small logs stay small.
constexpr std::uint64_t allocate_bytes_least = std::uint64_t{1} << 20;
constexpr std::uint64_t allocate_bytes_most = std::uint64_t{64} << 20;
constexpr std::size_t block_bytes_least = std::size_t{16} << 10;
constexpr std::size_t block_bytes_most = std::size_t{1} << 20;

/// Offsets from the first to the last message of a batch whose messages have theirs.
std::uint64_t offsets_spanned(byte_view stamped) {
    std::uint64_t first = message_offset::raw_end;
    std::uint64_t last = 0;
    for (const message_view message : message_range{stamped}) {
        first = std::min(first, message.offset().raw());
        last = std::max(last, message.offset().raw());
    }
    return last < first ? 0 : last - first + 1;
}

bool is_zero(const message_id& id) {
    return std::ranges::all_of(id, [](std::byte part) { return part == std::byte{0}; });
}

}  // namespace

std::optional<error> engine_log::state::refusal() const {
    if (closing) {
        return error{errc::closed};
    }
    return failed;
}

progress engine_log::state::append(append_operation& op) {
    if (const auto refused = refusal()) {
        op.outcome = *refused;
        return progress::finished;
    }
    const bool may_be_too_many =
        op.messages.size() / message_layout::header_bytes > reserved_offsets;
    if ((op.stamped && offsets_spanned(op.messages) > reserved_offsets) ||
        (may_be_too_many &&
         std::ranges::distance(message_range{op.messages}) > std::ptrdiff_t{reserved_offsets})) {
        op.outcome = errc::too_large;
        return progress::finished;
    }
    if (held_back || reserving || !reserved_for(op)) {
        held.push(op);
        reserve_more(op);
        return progress::pending;
    }
    if (const auto stamped = stamp(op); !stamped) {
        op.outcome = stamped.error();
        return progress::finished;
    }
    inside = &op;
    inside_finished = false;
    enqueue(op);
    start_writes();
    inside = nullptr;
    return inside_finished ? progress::finished : progress::pending;
}

result<std::shared_ptr<segment>> engine_log::state::segment_for_append() {
    if (!segments.empty() && !segments.back()->full && !segments.back()->sealed) {
        return segments.back();
    }
    if (!directory_ready) {
        if (const auto made = write_identity(*shared.files, path, identity); !made) {
            return made.error();
        }
        directory_ready = true;
    }
    auto fresh = std::make_shared<segment>(owner.files, path, next);
    if (const auto opened = fresh->messages.get(open_mode::create); !opened) {
        return opened.error();
    }
    fresh->log_position = stamped_position;
    ++names_made;
    segments.push_back(fresh);
    note_segments();
    return fresh;
}

/// One pass over the batch: checks lengths, fills in id, offset, timestamp and checksum, notes
/// index entries. On failure nothing of the batch is left behind.
result<done_t> engine_log::state::stamp(append_operation& op) {
    if (op.messages.empty()) {
        return errc::invalid_argument;
    }
    if (op.messages.size() > batch_bytes_max) {
        return errc::too_large;
    }
    auto found = segment_for_append();
    if (!found) {
        return found.error();
    }
    segment& target = **found;
    const segment_summary before = target.summary;
    const message_offset first = op.stamped ? message_view{op.messages}.offset() : next;
    const timestamp at = std::max(owner.now(), newest);
    const std::uint32_t interval = shared.options.index_interval_bytes;

    segment_summary& summary = target.summary;
    message_offset expected = first;
    std::uint64_t indexed =
        target.index.entries().empty() ? 0 : target.index.entries().back().position;
    std::uint32_t count = 0;
    byte_span rest = op.messages;
    const auto undo = [&](errc why) -> result<done_t> {
        cut_index(target, before.bytes);
        summary = before;
        return why;
    };
    while (!rest.empty()) {
        const auto size = announced_message_bytes(rest);
        if (!size || *size > rest.size()) {
            return undo(errc::invalid_argument);
        }
        const byte_span message = rest.first(*size);
        const message_view view{message};
        const timestamp stamp_time = op.stamped ? view.timestamp() : at;
        if (op.stamped) {
            if (view.offset() < expected || view.offset() < next ||
                view.offset().raw() == message_offset::raw_end ||
                stamp_time < std::max(newest, summary.last_timestamp) || !view.checksum_matches()) {
                return undo(errc::invalid_argument);
            }
            expected = view.offset();
        }
        if (target.index.entries().empty() || summary.bytes >= indexed + interval) {
            target.index.push({expected, static_cast<std::uint32_t>(summary.bytes),
                               static_cast<std::uint32_t>(summary.messages),
                               summary.last_timestamp});
            indexed = summary.bytes;
        }
        if (!op.stamped) {
            if (is_zero(view.id())) {
                const auto id = owner.ids.next();
                std::ranges::copy(id, message.begin() + message_layout::id_at);
            }
            store_le<std::uint64_t>(message, message_layout::offset_at, expected.raw());
            store_le<std::uint64_t>(message, message_layout::timestamp_at, to_raw(at));
            store_le<std::uint64_t>(message, message_layout::reserved_at, 0);
            store_le(message, message_layout::checksum_at,
                     xxh3_64(message.subspan(message_layout::id_at)));
        }
        if (summary.messages == 0) {
            summary.first_timestamp = stamp_time;
        }
        summary.last = expected;
        summary.last_timestamp = stamp_time;
        summary.messages += 1;
        summary.bytes += *size;
        expected = expected.next();
        rest = rest.subspan(*size);
        ++count;
    }
    if (before.bytes >= segment_bytes) {
        target.full = true;
    }
    op.first = first;
    op.count = count;
    next = expected;
    op.next_ = expected;
    newest = std::max(newest, summary.last_timestamp);
    stamped_position += op.messages.size();
    op.end_position_ = stamped_position;
    charge_index(target);
    return done;
}

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
        item.owned = owner.buffers.try_take(
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
        const std::uint64_t end = position + bytes;
        if (end > target->allocated_bytes && end > allocate_bytes_least) {
            const std::uint64_t step = std::clamp(end, allocate_bytes_least, allocate_bytes_most);
            const std::uint64_t wanted = std::max(end, std::min(end + step, segment_bytes));
            // Only a hint: when it cannot be had, the write itself says so.
            (void)into.allocate(target->allocated_bytes, wanted - target->allocated_bytes);
            target->allocated_bytes = wanted;
        }
        if (bytes <= inline_write_bytes_max) {
            const auto written = into.write_at(position, parts);
            on_written(written ? result<std::size_t>{bytes} : written.error());
        } else {
            target->messages.pin();
            owner.queue->write(into, position, parts, write_request);
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
    segment& target = *items.front().target;
    for (; items_in_flight > 0; --items_in_flight) {
        write_item item = std::move(items.front());
        items.pop_front();
        bytes += item.bytes.size();
        target.written = item.after;
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
                owner.journal.keep_batch(*this, op, item.target,
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
    shared.unsynced_bytes.fetch_add(bytes, std::memory_order_relaxed);
    std::erase_if(write_waiters, [this](auto& waiter) {
        if (waiter.first > written_position) {
            return false;
        }
        waiter.second(done);
        return true;
    });
    if (level == durability::synced) {
        start_sync();
    }
    checkpoint_when_due();
}

/// The write failed: nothing of it or of what came after it was committed, so all of that is taken
/// back.
void engine_log::state::fail_writes(const error& why) {
    items_in_flight = 0;
    const std::shared_ptr<segment> failed_at = items.front().target;
    const error failure = located(why, *failed_at);
    std::vector<append_operation*> failing;
    std::deque<write_item> kept;
    for (write_item& item : items) {
        if (item.op != nullptr) {
            failing.push_back(item.op);
            --borrowed_items;
        } else if (!on_quiet) {
            kept.push_back(
                std::move(item));  // acknowledged from memory: tried again at the next flush
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
    auto opened = failed_at->messages.get(open_mode::create);
    if (!opened || !(*opened)->resize(failed_at->written.bytes)) {
        failed = failure;
        failed->code = errc::read_only;
    }
    failed_at->allocated_bytes = failed_at->written.bytes;
    if (!failed) {
        sync_cut(*failed_at);
    }
    note_segments();
    if (!items.empty()) {
        unwritable = failure;
    }
    for (auto& [position, then] : std::exchange(write_waiters, {})) {
        then(failure);
    }
    for (append_operation* op : failing) {
        finish(*op, failure);
    }
}

/// A cut that a power cut undid would bring the failed batch back, behind or among what was written
/// in its place.
void engine_log::state::sync_cut(const segment& at) {
    cut_unsynced = true;
    ++uses_in_flight;
    owner.run(
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
            owner.finish(*waiter.second, done);
            return true;
        });
    }
}

void engine_log::state::finish(append_operation& op, result<done_t> outcome) {
    if (&op == inside) {
        op.outcome = outcome;
        inside_finished = true;
    } else {
        owner.finish(op, outcome);
    }
}

/// The offset that its first message gets.
message_offset engine_log::state::first_of(const append_operation& op) const {
    const bool has_its_own = op.stamped && op.messages.size() >= message_layout::header_bytes;
    return has_its_own ? std::max(next, message_view{op.messages}.offset()) : next;
}

/// Whether all messages get offsets that no later start gives again.
bool engine_log::state::reserved_for(const append_operation& op) const {
    const std::uint64_t count =
        op.stamped ? offsets_spanned(op.messages)
                   : std::min<std::uint64_t>(op.messages.size() / message_layout::header_bytes,
                                             reserved_offsets);
    const message_offset first = first_of(op);
    return level == durability::synced || first <= durable_next ||
           first.raw() - durable_next.raw() <= reserved_offsets - count;
}

/// A recovery point further on makes room; appends wait for it.
void engine_log::state::reserve_more(const append_operation& op) {
    if (held_back || reserving || failed) {
        return;
    }
    reserving = true;
    if (op.stamped) {
        next = floor = first_of(op);  // a point that is to be there covers what is skipped
    }
    const auto end = [this](result<done_t> outcome) {
        reserving = false;
        resume_held(outcome);
        leave();
    };
    enter([this, end] {
        write_all([this, end](result<done_t> written) {
            if (written) {
                checkpoint(end);
            } else {
                end(written);  // without the messages the point would not move
            }
        });
    });
}

void engine_log::state::release_hold() {
    held_back = false;
    resume_held(done);
}

/// Appends what was held back, or lets it fail.
void engine_log::state::resume_held(result<done_t> outcome) {
    if (held_back) {
        return;  // for another reason
    }
    operation_queue waiting = std::exchange(held, {});
    while (!waiting.empty()) {
        auto& op = static_cast<append_operation&>(waiting.pop());
        if (!outcome) {
            owner.finish(op, outcome);
        } else if (append(op) == progress::finished) {
            owner.finish(op, op.outcome);
        }
    }
}

std::uint64_t engine_log::state::committed_bytes(const segment& of) const {
    return committed_position <= of.log_position
               ? 0
               : std::min(of.summary.bytes, committed_position - of.log_position);
}

}  // namespace iggy::storage
