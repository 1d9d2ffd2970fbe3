#include "segment_walk.hpp"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

#include <fmt/format.h>

namespace iggy::storage {

namespace {
constexpr std::uint64_t progress_bytes = std::uint64_t{1} << 20;
}

segment_walk::segment_walk(file& source, const segment_summary& at, settings how)
    : how_{std::move(how)}, scanner_{source, at.bytes, how_.to}, at_{at}, told_{at.bytes} {
    compare_from_here();
}

void segment_walk::compare_from_here() {
    if (how_.known != nullptr) {
        const auto entries = how_.known->entries();
        const auto next = std::ranges::lower_bound(entries, at_.bytes, {}, &index_entry::position);
        next_entry_ = static_cast<std::size_t>(next - entries.begin());
    }
}

void segment_walk::all() {
    while (at_.bytes < how_.to) {
        if (const auto why = step()) {
            skip(*why);
        }
    }
    tell_progress(true);
}

std::optional<segment_walk::fault> segment_walk::to_first_bad() {
    std::optional<fault> why;
    while (!why && at_.bytes < how_.to) {
        why = step();
    }
    tell_progress(true);
    return why;
}

/// Takes the next message; what is wrong with it when it does not hold.
std::optional<segment_walk::fault> segment_walk::step() {
    auto found = scanner_.next();
    if (!found && found.error().position > at_.bytes) {
        // What lies before the bytes that cannot be read is read without them.
        unreadable_ =
            fault{finding_kind::unreadable, found.error().sys_errno, found.error().position, {}};
        scanner_.seek(at_.bytes, found.error().position);
        found = scanner_.next();
    }
    if (!found) {
        return fault{finding_kind::unreadable, found.error().sys_errno, at_.bytes,
                     std::strerror(found.error().sys_errno)};
    }
    if (!*found && unreadable_) {
        fault why = *unreadable_;
        why.text = std::strerror(why.sys_errno);
        return why;
    }
    if (!*found) {
        return fault{finding_kind::bad_length, 0, 0, "the lengths of the message do not fit"};
    }
    const message_view& message = **found;
    if (auto why = check(message)) {
        return why;
    }
    accept(message);
    return std::nullopt;
}

std::optional<segment_walk::fault> segment_walk::check(const message_view& message) const {
    if (!message.checksum_matches()) {
        return fault{finding_kind::bad_checksum, 0, 0, "the checksum does not hold"};
    }
    const bool follows =
        at_.messages == 0 ? message.offset() >= at_.base : message.offset() > at_.last;
    if (!follows || message.offset() >= how_.below) {
        return fault{
            finding_kind::bad_order, 0, 0,
            fmt::format("a message of offset {} does not belong here", message.offset().raw())};
    }
    if (message.timestamp() < at_.last_timestamp) {
        return fault{finding_kind::bad_order, 0, 0,
                     fmt::format("the message of offset {} is older than the one before",
                                 message.offset().raw())};
    }
    return std::nullopt;
}

void segment_walk::accept(const message_view& message) {
    compare_index(message);
    renew_index(message.offset());
    if (sound_ == 0) {
        first_sound_ = message.offset();
    }
    if (at_.messages == 0) {
        at_.first_timestamp = message.timestamp();
    }
    at_.last = message.offset();
    at_.last_timestamp = message.timestamp();
    at_.messages += 1;
    at_.bytes = scanner_.position();
    ++sound_;
    if (how_.on_message) {
        how_.on_message(message);
    }
    tell_progress(false);
}

void segment_walk::compare_index(const message_view& message) {
    if (how_.known == nullptr || disagrees_at_) {
        return;
    }
    const auto entries = how_.known->entries();
    if (next_entry_ == entries.size() || entries[next_entry_].position > at_.bytes) {
        return;
    }
    const index_entry& entry = entries[next_entry_++];
    const bool agrees = entry.position == at_.bytes && entry.offset == message.offset() &&
                        (!count_is_sure_ || (entry.messages_before == at_.messages &&
                                             entry.newest_before == at_.last_timestamp));
    if (!agrees) {
        disagrees_at_ = entry.position;
    } else if (!std::exchange(count_is_sure_, true)) {
        at_.messages = entry.messages_before;
    }
}

/// An entry for the message at the present position, where one is due: so many bytes behind the
/// last one, and behind a bad range, so that readers find their way past it.
void segment_walk::renew_index(message_offset offset) {
    if (how_.renewed == nullptr) {
        return;
    }
    const auto entries = how_.renewed->entries();
    bool due = entries.empty() && at_.bytes == 0;
    if (!entries.empty()) {
        const index_entry& last = entries.back();
        due = (at_.bytes >= last.position + std::uint64_t{how_.interval} || after_bad_range_) &&
              offset > last.offset && at_.messages > last.messages_before;
    }
    after_bad_range_ = false;
    if (due) {
        how_.renewed->push({offset, static_cast<std::uint32_t>(at_.bytes),
                            static_cast<std::uint32_t>(at_.messages), at_.last_timestamp});
    }
}

/// Tells of the bad range that begins at the present position, and goes on behind it.
void segment_walk::skip(const fault& why) {
    if (at_.bytes == 0) {
        renew_index(at_.base);  // an index begins with its segment
    }
    const place next = next_sound(why);
    const message_offset first = at_.messages == 0 ? at_.base : at_.last.next();
    if (how_.on_bad) {
        how_.on_bad(
            {at_.bytes, next.position, why.why, why.sys_errno, why.text, first, next.offset});
    }
    ++bad_ranges_;
    if (at_.messages == 0) {
        at_.last = at_.base;  // a message was before the next one, at this offset or behind it
    }
    at_.bytes = next.position;
    at_.messages = next.messages;
    count_is_sure_ = false;
    after_bad_range_ = true;
    compare_from_here();
    unreadable_.reset();
    scanner_.seek(at_.bytes, how_.to);
    tell_progress(false);
}

segment_walk::place segment_walk::next_sound(const fault& why) {
    unreadable_.reset();
    if (why.why == finding_kind::unreadable) {
        return along_index(std::max(why.position, at_.bytes));
    }
    if (const auto found = along_lengths(next_entry_after(at_.bytes))) {
        return *found;
    }
    const place found = along_index(at_.bytes);
    if (found.offset) {
        return found;
    }
    return along_lengths(how_.to).value_or(found);  // the entry may have been a lie
}

/// Follows the lengths of messages that do not hold, as far as to `limit`.
std::optional<segment_walk::place> segment_walk::along_lengths(std::uint64_t limit) {
    std::uint64_t messages = at_.messages;
    std::uint64_t position = at_.bytes;
    while (position < limit) {
        scanner_.seek(position, how_.to);
        const auto passed = scanner_.next();
        if (!passed || !*passed) {
            return std::nullopt;
        }
        position = scanner_.position();
        ++messages;
        if (position == how_.to) {
            return place{position, messages, std::nullopt};
        }
        if (position > limit) {
            return std::nullopt;
        }
        if (const auto offset = sound_offset_at(position); offset && *offset) {
            return place{position, messages, *offset};
        }
    }
    return std::nullopt;
}

/// The first entry of the index behind `after` with a message that holds; else the end.
segment_walk::place segment_walk::along_index(std::uint64_t after) {
    const auto entries =
        how_.known == nullptr ? std::span<const index_entry>{} : how_.known->entries();
    auto entry = std::ranges::upper_bound(entries, after, {}, &index_entry::position);
    for (; entry != entries.end() && entry->position < how_.to; ++entry) {
        if (entry->position <= after || entry->messages_before < at_.messages) {
            continue;
        }
        const auto offset = sound_offset_at(entry->position);
        if (!offset) {
            after = std::max(after, offset.error().position);
        } else if (*offset == entry->offset) {
            return {entry->position, entry->messages_before, *offset};
        }
    }
    return {how_.to, at_.messages + 1, std::nullopt};
}

/// The offset of the message at `position`, nothing when that one does not hold. Errors: io.
result<std::optional<message_offset>> segment_walk::sound_offset_at(std::uint64_t position) {
    scanner_.seek(position, how_.to);
    const auto found = scanner_.next();
    if (!found) {
        return found.error();
    }
    if (!*found || check(**found)) {
        return std::optional<message_offset>{};
    }
    return std::optional{(*found)->offset()};
}

std::uint64_t segment_walk::next_entry_after(std::uint64_t position) const {
    if (how_.known == nullptr) {
        return how_.to;
    }
    const auto entries = how_.known->entries();
    const auto after = std::ranges::upper_bound(entries, position, {}, &index_entry::position);
    return after == entries.end() ? how_.to : std::min<std::uint64_t>(after->position, how_.to);
}

void segment_walk::tell_progress(bool at_end) {
    if (how_.on_read && (at_end || at_.bytes - told_ >= progress_bytes)) {
        how_.on_read(at_.bytes - std::exchange(told_, at_.bytes));
    }
}

}  // namespace iggy::storage
