// A batch gets its offsets: stamped at once, or held back until it may be.

#include <algorithm>

#include <iggy/base/assert.hpp>
#include <iggy/base/message.hpp>

#include "log_state.hpp"

namespace iggy::storage {

namespace {

constexpr std::size_t batch_bytes_max = std::size_t{1} << 30;
static_assert(batch_bytes_max / message_layout::header_bytes <= reserved_offsets);

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

/// Offsets that the batch takes, or where it has none yet, may take.
std::uint64_t offsets_needed(const append_operation& op) {
    if (op.stamped) {
        return offsets_spanned(op.messages);
    }
    return op.messages.size() / message_layout::header_bytes;
}

bool has_no_id(byte_view message) noexcept {
    return (load_le<std::uint64_t>(message, message_layout::id_at) |
            load_le<std::uint64_t>(message, message_layout::id_at + sizeof(std::uint64_t))) == 0;
}

/// In a pass of its own: the loads of a checksum are wider than the stores that filled in the
/// header, so that right behind them it waits until they have reached the cache.
void write_checksums(byte_span messages) noexcept {
    while (const auto size = announced_message_bytes(messages)) {
        store_le(messages, message_layout::checksum_at,
                 xxh3_64(messages.first(*size).subspan(message_layout::id_at)));
        messages = messages.subspan(*size);
    }
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
    if (!draws_on_reserve && !shared.reserve->is_whole()) {
        op.outcome = errc::no_space;
        return progress::finished;
    }
    const std::uint64_t needed = offsets_needed(op);
    if (needed > reserved_offsets) {
        op.outcome = errc::too_large;
        return progress::finished;
    }
    if (held_back || reserving || !reserved_for(op, needed)) {
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
    auto fresh = std::make_shared<segment>(*segment_files, path, next);
    take_next_segment(*fresh);
    if (const auto opened = fresh->messages.get(open_mode::create); !opened) {
        return opened.error();
    }
    fresh->log_position = stamped_position;
    ++names_made;
    segments.push_back(fresh);
    note_segments();
    return fresh;
}

/// Checks lengths, fills in id, offset, timestamp and checksum, notes index entries. On failure
/// nothing of the batch is left behind.
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
    const timestamp at = std::max(owner->now(), newest);
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
            if (has_no_id(message)) {
                store_le(message, message_layout::id_at, owner->ids.next());
            }
            store_le<std::uint64_t>(message, message_layout::offset_at, expected.raw());
            store_le<std::uint64_t>(message, message_layout::timestamp_at, to_raw(at));
            store_le<std::uint64_t>(message, message_layout::reserved_at, 0);
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
    if (!op.stamped) {
        write_checksums(op.messages);
    }
    if (before.bytes >= (next_segment ? bytes_in_room(target) : segment_bytes)) {
        target.full = true;
        target.room.reset();
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

/// The offset that its first message gets.
message_offset engine_log::state::first_of(const append_operation& op) const {
    const bool has_its_own = op.stamped && op.messages.size() >= message_layout::header_bytes;
    return has_its_own ? std::max(next, message_view{op.messages}.offset()) : next;
}

/// Whether all messages get offsets that no later start gives again.
bool engine_log::state::reserved_for(const append_operation& op, std::uint64_t needed) const {
    const message_offset first = first_of(op);
    return level == durability::synced || first <= durable_next ||
           first.raw() - durable_next.raw() <= reserved_offsets - needed;
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
            owner->finish(op, outcome);
        } else if (append(op) == progress::finished) {
            owner->finish(op, op.outcome);
        }
    }
}

}  // namespace iggy::storage
