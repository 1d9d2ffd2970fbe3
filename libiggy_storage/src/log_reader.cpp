#include "log_reader.hpp"

#include <algorithm>

#include <iggy/base/message.hpp>

namespace iggy::storage {

log_reader::need log_reader::finished() noexcept {
    if (op_->storage) {
        op_->messages = op_->storage.bytes().subspan(begin_, end_ - begin_);
    }
    return need::nothing;
}

void log_reader::fail(const error& why) {
    // What was collected before the damage is an answer; the next read starts in the damage and
    // says so.
    failed_ = true;
    op_->outcome =
        op_->messages_count > 0 ? result<done_t>{done} : result<done_t>{log_->located(why, *at_)};
    finished();
}

log_reader::need log_reader::run() {
    if (is_outdated()) {
        start_anew();
    }
    if (!located_) {
        located_ = true;
        removals_ = log_->removals;
        op_->messages = {};
        op_->messages_count = 0;
        op_->committed_next = log_->committed_next;
        op_->outcome = done;
        if (op_->count == 0 || !locate()) {
            return finished();
        }
    }
    for (;;) {
        if (!planned_) {
            if (at_->missing) {
                fail(errc::missing_segment);
                return finished();
            }
            if (!at_->index_loaded) {
                return need::index;
            }
            plan();
            if (!make_room()) {
                fail(errc::memory_limit);
                return need::nothing;
            }
        }
        if (const need fetch = fill(); fetch != need::nothing) {
            return fetch;
        }
        if (failed_) {
            return finished();
        }
        if (walk()) {
            note_end();
            return finished();
        }
    }
}

void log_reader::start_anew() noexcept {
    located_ = planned_ = at_file_end_ = failed_ = false;
    filled_ = 0;
    begin_ = end_ = lead_bytes;
}

/// Finds the segment to start in and what to look for there; false when there is nothing to read.
bool log_reader::locate() {
    auto& segments = log_->segments;
    const auto has_committed = [this](const auto& at) { return log_->committed_bytes(*at) > 0; };
    auto found = segments.begin();
    seeking_ = seek::offset;
    switch (op_->start) {
        case read_start::first:
            break;
        case read_start::offset:
            if (op_->value >= log_->committed_next.raw()) {
                return false;
            }
            wanted_ = op_->value;
            found = std::ranges::upper_bound(segments, message_offset{wanted_}, {},
                                             [](const auto& at) { return at->base(); });
            if (found != segments.begin()) {
                --found;
            }
            break;
        case read_start::timestamp:
            seeking_ = seek::timestamp;
            wanted_ = std::min(op_->value, static_cast<std::uint64_t>(INT64_MAX));
            found = std::ranges::find_if(segments, [this](const auto& at) {
                return at->summary.messages > 0 && to_raw(at->summary.last_timestamp) >= wanted_;
            });
            break;
        case read_start::last: {
            seeking_ = seek::ordinal;
            const std::uint64_t total = log_->counters->messages.load(std::memory_order_relaxed);
            wanted_ = total - std::min<std::uint64_t>(total, op_->count);
            while (found != segments.end() && wanted_ >= (*found)->summary.messages) {
                wanted_ -= (*found)->summary.messages;
                ++found;
            }
            break;
        }
    }
    found = std::find_if(found, segments.end(), has_committed);
    if (found == segments.end()) {
        return false;
    }
    at_ = *found;
    return true;
}

bool log_reader::next_segment() {
    auto& segments = log_->segments;
    auto found = std::ranges::upper_bound(segments, at_->base(), {},
                                          [](const auto& at) { return at->base(); });
    found = std::find_if(found, segments.end(),
                         [this](const auto& at) { return log_->committed_bytes(*at) > 0; });
    if (found == segments.end()) {
        return false;
    }
    at_ = *found;
    planned_ = false;
    return true;
}

/// Whoever reads on is remembered: the range then begins where it should, and ends where it should
/// too as long as all messages have one size.
bool log_reader::plan_from_last_read() {
    if (seeking_ != seek::offset) {
        return false;
    }
    const read_end* const last = log_->reads.find(wanted_, at_->base(), log_->removals);
    if (last == nullptr) {
        return false;
    }
    from_ = std::min(last->position, limit_);
    ordinal_ = last->messages_before;
    to_ = end_of(op_->count);
    if (last->message_bytes > 0) {
        to_ = std::min(to_, from_ + op_->count * last->message_bytes);
    }
    to_ = std::min(to_, from_ + std::max(bytes_max_, std::uint64_t{message_layout::header_bytes}));
    return true;
}

/// By the index: where so many messages, from the one at from_ on, have ended.
std::uint64_t log_reader::end_of(std::uint64_t messages) const noexcept {
    const index_entry* const end =
        at_->index.first_at_or_past(ordinal_ + messages, static_cast<std::uint32_t>(from_));
    return end != nullptr ? std::min<std::uint64_t>(end->position, limit_) : limit_;
}

void log_reader::note_end() noexcept {
    if (!failed_ && op_->messages_count > 0) {
        log_->reads.add({.next = op_->last.next(),
                         .base = at_->base(),
                         .position = position_,
                         .messages_before = ordinal_,
                         .message_bytes = message_bytes_,
                         .removals = removals_});
    }
}

/// Chooses the byte range that holds what is still wanted, as exactly as is known.
void log_reader::plan() {
    at_->last_used = log_->owner->ticks;
    limit_ = log_->committed_bytes(*at_);
    filled_ = 0;
    at_file_end_ = false;
    planned_ = true;
    if (plan_from_last_read()) {
        return;
    }
    const sparse_index& index = at_->index;
    index_entry entry;
    switch (seeking_) {
        case seek::offset:
            entry = index.before_offset(message_offset{wanted_});
            break;
        case seek::timestamp:
            entry = index.before_timestamp(timestamp_from_raw(wanted_));
            break;
        case seek::ordinal:
            entry = index.before_ordinal(wanted_);
            break;
        case seek::found:
            break;
    }
    from_ = std::min<std::uint64_t>(entry.position, limit_);
    ordinal_ = entry.messages_before;
    const index_entry* following =
        seeking_ == seek::found ? nullptr : index.first_after(entry.position);
    const std::uint64_t skipped_messages =
        following != nullptr ? following->messages_before : entry.messages_before;
    const std::uint64_t skipped_to = following != nullptr ? following->position : from_;
    const std::uint64_t messages = skipped_messages + (op_->count - op_->messages_count);
    to_ = end_of(messages - ordinal_);
    const std::uint64_t room = bytes_max_ - std::min<std::uint64_t>(bytes_max_, end_ - begin_);
    to_ = std::min(to_, std::max(skipped_to + room, from_ + message_layout::header_bytes));
}

/// Makes the buffer large enough for the range behind what was collected.
bool log_reader::make_room() {
    const std::size_t wanted = end_ + static_cast<std::size_t>(to_ - from_);
    if (op_->storage && op_->storage.size() >= wanted) {
        return true;
    }
    const std::size_t kept = end_ - begin_;
    buffer larger = log_->owner->buffers.try_take(lead_bytes + wanted - begin_);
    if (!larger) {
        return false;
    }
    if (kept > 0) {
        std::ranges::copy(op_->storage.bytes().subspan(begin_, kept),
                          larger.bytes().subspan(lead_bytes).begin());
    }
    op_->storage = std::move(larger);
    begin_ = lead_bytes;
    end_ = lead_bytes + kept;
    return true;
}

/// Bytes of the range that the file has.
std::uint64_t log_reader::file_bytes() const noexcept {
    const std::uint64_t end = std::min(to_, at_->written.bytes);
    return end > from_ ? end - from_ : 0;
}

byte_span log_reader::missing_bytes() const noexcept {
    return op_->storage.bytes().subspan(end_ + filled_,
                                        static_cast<std::size_t>(file_bytes()) - filled_);
}

log_reader::need log_reader::fill() {
    while (filled_ < file_bytes() && !at_file_end_) {
        const auto opened = source();
        if (!opened) {
            fail(opened.error().code == errc::not_found ? error{errc::missing_segment}
                                                        : opened.error());
            return need::nothing;
        }
        const auto got = (*opened)->try_read_at(missing_position(), missing_bytes());
        if (!got) {
            if (got.error().code == errc::would_block) {
                return need::bytes;
            }
            fail(got.error());
            return need::nothing;
        }
        fetched(*got);
    }
    if (!at_file_end_) {
        copy_unwritten();
        if (filled_ < to_ - from_) {
            // Acknowledged from memory, and gone with a log that could not write it.
            fail(log_->closing ? errc::closed : errc::corrupt);
        }
    }
    return need::nothing;
}

/// The part of the range that was committed from memory and is not in the file yet.
void log_reader::copy_unwritten() {
    for (const write_item& item : log_->items) {
        if (item.target != at_ || !item.owned) {
            continue;
        }
        const std::uint64_t start = item.position - at_->log_position;
        const std::uint64_t wanted = from_ + filled_;
        if (wanted >= to_ || wanted < start || wanted >= start + item.bytes.size()) {
            continue;
        }
        const auto size =
            static_cast<std::size_t>(std::min(to_, start + item.bytes.size()) - wanted);
        const byte_span part = item.bytes.subspan(static_cast<std::size_t>(wanted - start), size);
        std::ranges::copy(
            part, op_->storage.bytes().begin() + static_cast<std::ptrdiff_t>(end_ + filled_));
        filled_ += size;
    }
}

bool log_reader::matches(const message_view& message, std::uint64_t ordinal) const noexcept {
    switch (seeking_) {
        case seek::offset:
            return message.offset().raw() >= wanted_;
        case seek::timestamp:
            return to_raw(message.timestamp()) >= wanted_;
        case seek::ordinal:
            return ordinal >= wanted_;
        case seek::found:
            return true;
    }
    return true;
}

/// Takes what was asked for out of the range; true when the read has its outcome, false when more
/// must be read.
bool log_reader::walk() {
    byte_view rest = op_->storage.bytes().subspan(end_, filled_);
    position_ = from_;
    while (!rest.empty()) {
        const auto size = announced_message_bytes(rest);
        const bool cut_short =
            rest.size() < message_layout::header_bytes || (size && *size > rest.size());
        if (cut_short && to_ < limit_ && !at_file_end_) {
            break;  // the range ended inside a message
        }
        if (!size || cut_short) {
            fail(error{errc::corrupt, 0, position_});
            return true;
        }
        const message_view message{rest.first(*size)};
        const bool wanted = matches(message, ordinal_);
        if (wanted) {
            const bool follows = op_->messages_count == 0 || message.offset() > op_->last;
            if (!follows || !message.checksum_matches()) {
                fail(error{errc::corrupt, 0, position_});
                return true;
            }
            if (op_->messages_count > 0 && end_ - begin_ + *size > bytes_max_) {
                return true;
            }
            seeking_ = seek::found;
            const bool is_alike = op_->messages_count == 0 || message_bytes_ == *size;
            message_bytes_ = is_alike ? *size : 0;
            op_->messages_count += 1;
            op_->last = message.offset();
            end_ += *size;
        } else {
            begin_ = end_ = end_ + *size;
        }
        ++ordinal_;
        position_ += *size;
        rest = rest.subspan(*size);
        if (op_->messages_count == op_->count) {
            return true;
        }
    }
    if (position_ < limit_ && at_file_end_) {
        fail(error{errc::corrupt, 0, position_});
        return true;
    }
    // More may have come to this segment while the read waited; the next one must not be shown
    // first.
    limit_ = std::max(limit_, log_->committed_bytes(*at_));
    if (position_ >= limit_) {
        return !next_segment();
    }
    // More of the same segment: what the range cut short, or what follows it.
    const std::uint64_t room = bytes_max_ - std::min<std::uint64_t>(bytes_max_, end_ - begin_);
    if (room == 0) {
        return true;
    }
    const std::uint64_t cut_message = rest.size() >= message_layout::header_bytes
                                          ? *announced_message_bytes(rest)
                                          : message_layout::header_bytes;
    if (op_->messages_count > 0 && cut_message > room) {
        return true;
    }
    from_ = position_;
    // At least the message that was cut: one that announces more than the index says is damage, and
    // shows it at the limit.
    const std::uint64_t enough = std::min(end_of(op_->count - op_->messages_count), from_ + room);
    to_ = std::min(limit_, std::max(enough, from_ + cut_message));
    filled_ = 0;
    if (!make_room()) {
        fail(errc::memory_limit);
        return true;
    }
    return false;
}

}  // namespace iggy::storage
