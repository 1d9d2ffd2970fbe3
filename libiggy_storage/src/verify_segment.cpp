// The segments of a log and their indexes, as `verify` checks them.

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "verify_log.hpp"

namespace iggy::storage {

namespace {

/// The same segment's, from before a truncation.
bool is_outdated(const index_reading& reading, const index_owner& expected) {
    return reading.owner && reading.owner->base == expected.base &&
           reading.owner->log.uid == expected.log.uid &&
           reading.owner->log.generation < expected.log.generation;
}

}  // namespace

finding log_check::in_segment(const segment_file& at, finding_weight weight, finding_kind kind,
                              std::uint64_t from, std::uint64_t to, std::string text) const {
    return {.weight = weight,
            .kind = kind,
            .file = segment_file_path(entry_.path, at.base, messages_extension),
            .from = from,
            .to = to,
            .text = std::move(text)};
}

void log_check::check_segment(const segment_file& at, message_offset below) {
    if (at.missing) {
        tell_missing(at);
        return;
    }
    ++report_.segments;
    report_.next = std::max(report_.next, at.base);
    const auto opened =
        files_.open(segment_file_path(entry_.path, at.base, messages_extension), open_mode::read);
    if (!opened) {
        finding what = in_segment(
            at, finding_weight::damage, finding_kind::unreadable, 0, at.size,
            fmt::format("cannot be opened: {}", std::strerror(opened.error().sys_errno)));
        what.sys_errno = opened.error().sys_errno;
        add(std::move(what));
    } else if (at.sealed != nullptr) {
        check_sealed(at, **opened, below);
    } else {
        check_open(at, **opened, below);
    }
}

void log_check::tell_missing(const segment_file& at) {
    const segment_summary& lost = at.sealed != nullptr ? *at.sealed : *at.point;
    finding what =
        in_segment(at, finding_weight::damage, finding_kind::missing_segment, 0, lost.bytes,
                   fmt::format("the file is missing, and with it {} message(s)", lost.messages));
    what.first_offset = at.base;
    what.end_offset = lost.last.next();
    add(std::move(what));
}

segment_walk::settings log_check::settings_for(const segment_file& at, message_offset below,
                                               index_check& index) {
    segment_walk::settings how;
    how.below = below;
    how.interval = options_.index_interval_bytes;
    how.known = &index.present.index;
    how.renewed = &index.renewed;
    how.on_message = calls_.on_message;
    how.on_read = calls_.on_read;
    how.on_bad = [this, &at](bad_range bad) {
        finding what =
            in_segment(at, finding_weight::damage, bad.why, bad.from, bad.to, std::move(bad.text));
        what.sys_errno = bad.sys_errno;
        what.first_offset = bad.first;
        what.end_offset = bad.end;
        add(std::move(what));
    };
    return how;
}

void log_check::count(const segment_walk& walk) {
    report_.messages += walk.sound_messages();
    if (walk.sound_messages() > 0) {
        report_.first = report_.first ? report_.first : walk.first_sound();
        report_.last = walk.reached().last;
        report_.next = std::max(report_.next, walk.reached().last.next());
    }
}

void log_check::check_sealed(const segment_file& at, file& source, message_offset below) {
    const segment_summary& sealed = *at.sealed;
    index_check index = begin_index(at, sealed.bytes);
    auto how = settings_for(at, std::min(below, sealed.last.next()), index);
    check_believed(at, source, sealed, std::move(how), index, true);
    if (at.size > sealed.bytes) {
        add(in_segment(at, finding_weight::damage, finding_kind::size_differs, sealed.bytes,
                       at.size, "bytes behind the end of a complete segment; they are never read"));
    }
    report_.bytes += sealed.bytes;
}

/// What the manifest says is on stable storage: all that does not hold there is damage.
void log_check::check_believed(const segment_file& at, file& source,
                               const segment_summary& believed, segment_walk::settings how,
                               index_check& index, bool is_sealed) {
    how.to = std::min(believed.bytes, at.size);
    const bool is_short = at.size < believed.bytes;
    bool told = false;
    how.on_bad = [&, tell = std::move(how.on_bad)](bad_range bad) {
        if (is_short && bad.to == at.size) {  // the rest of a message, and what should follow
            bad.to = believed.bytes;
            bad.why = finding_kind::cut_short;
            bad.end = believed.last.next();
            bad.text = fmt::format("the file ends at byte {}", at.size);
            told = true;
        }
        tell(std::move(bad));
    };
    segment_walk walk{source, {.base = at.base}, how};
    walk.all();
    count(walk);
    if (is_short && !told) {
        const segment_summary& reached = walk.reached();
        how.on_bad({at.size,
                    believed.bytes,
                    finding_kind::cut_short,
                    0,
                    {},
                    reached.messages > 0 ? reached.last.next() : at.base,
                    std::nullopt});
    }
    if (!is_short && walk.bad_ranges() == 0) {
        compare_summary(at, believed, walk.reached());
    }
    end_index(at, index, walk.index_disagrees_at(), is_sealed ? &believed : nullptr);
}

void log_check::compare_summary(const segment_file& at, const segment_summary& expected,
                                const segment_summary& found) {
    if (found == expected || (found.messages == 0 && expected.messages == 0)) {
        return;
    }
    add(in_segment(
        at, finding_weight::damage, finding_kind::summary_differs, 0, expected.bytes,
        fmt::format("{} message(s) up to offset {} were stored here, and {} up to offset {} are "
                    "there",
                    expected.messages, expected.last.raw(), found.messages, found.last.raw())));
}

void log_check::check_open(const segment_file& at, file& source, message_offset below) {
    index_check index = begin_index(at, at.size);
    const auto how = settings_for(at, below, index);
    segment_summary from{.base = at.base};
    if (at.point != nullptr) {
        from = *at.point;
        check_believed(at, source, from, how, index, false);
        if (at.size < from.bytes) {
            report_.bytes += from.bytes;
            if (is_last(at)) {
                follows_ = from.last.next();
            }
            return;  // nothing can be appended to it any more
        }
    }
    check_tail(at, source, from, how, index);
}

/// What lies past the recovery point. Where the segment is older than a complete one, its own entry
/// in the manifest was lost, and its end is no tail.
void log_check::check_tail(const segment_file& at, file& source, segment_summary from,
                           segment_walk::settings how, const index_check& index) {
    how.to = at.size;
    how.known = nullptr;  // what stands there of a tail counts for nothing
    if (!is_last(at)) {
        how.known = &index.present.index;
    }
    segment_walk walk{source, from, how};
    std::optional<segment_walk::fault> why;
    if (is_last(at)) {
        why = walk.to_first_bad();
    } else {
        walk.all();
    }
    count(walk);
    const segment_summary& end = walk.reached();
    report_.bytes += end.bytes;
    if (is_last(at)) {
        follows_ = end.messages > 0 ? end.last.next() : at.base;
    }
    if (why) {
        how.known = &index.present.index;
        tell_tail(at, source, end, std::move(how), *why);
    }
}

void log_check::tell_tail(const segment_file& at, file& source, const segment_summary& end,
                          segment_walk::settings how, const segment_walk::fault& why) {
    ended_ = true;
    if (calls_.on_read) {
        calls_.on_read(at.size - end.bytes);
    }
    finding what =
        in_segment(at, finding_weight::note, finding_kind::torn_tail, end.bytes, at.size, why.text);
    what.first_offset = end.messages > 0 ? end.last.next() : at.base;
    what.sys_errno = why.sys_errno;
    if (why.why == finding_kind::unreadable) {
        what.weight = finding_weight::damage;
        what.kind = finding_kind::unreadable;
        what.text += "; the log cannot be opened";
        add(std::move(what));
        return;
    }
    how.renewed = nullptr;
    how.on_message = nullptr;
    how.on_bad = nullptr;
    how.on_read = nullptr;
    segment_walk behind{source, end, std::move(how)};
    behind.all();
    what.text += "; past the recovery point, so the next start cuts it off";
    if (behind.sound_messages() > 0) {
        what.text += fmt::format(", and with it {} message(s) that hold", behind.sound_messages());
    }
    add(std::move(what));
}

log_check::index_check log_check::begin_index(const segment_file& at, std::uint64_t bytes) {
    index_check index;
    index.path = segment_file_path(entry_.path, at.base, index_extension);
    const index_owner expected{identity(), at.base};
    auto reading = inspect_index(files_, index.path, expected, bytes);
    if (reading && is_outdated(*reading, expected)) {
        reading = inspect_index(files_, index.path, *reading->owner, bytes);  // it leads as well
    }
    if (reading) {
        index.present = std::move(*reading);
    } else {
        index.unreadable = reading.error();
    }
    return index;
}

/// Says what is wrong with the index, and makes it anew where that is wanted. `whole` is what the
/// manifest says of a complete segment, null for the open one.
void log_check::end_index(const segment_file& at, index_check& index,
                          std::optional<std::uint64_t> disagrees_at, const segment_summary* whole) {
    finding what = judge_index(at, index, disagrees_at, whole);
    if (what.text.empty()) {
        return;
    }
    if (options_.repair_caches) {
        renew_index(what, at, index, whole);
    }
    add(std::move(what));
}

/// A finding without text where nothing is wrong.
finding log_check::judge_index(const segment_file& at, const index_check& index,
                               std::optional<std::uint64_t> disagrees_at,
                               const segment_summary* whole) const {
    const index_reading& present = index.present;
    finding what{.weight = finding_weight::cache, .file = index.path};
    const auto say = [&what](finding_kind kind, std::string text) {
        what.kind = kind;
        what.text = std::move(text);
        return what;
    };
    if (index.unreadable) {
        what.sys_errno = index.unreadable->sys_errno;
        return say(finding_kind::unreadable,
                   fmt::format("cannot be read: {}", std::strerror(what.sys_errno)));
    }
    if (whole != nullptr && whole->messages == 0) {
        return what;
    }
    if (!present.present || present.file_bytes == 0) {
        return whole == nullptr ? what : say(finding_kind::index_missing, "is missing");
    }
    if (!present.owner) {
        // Of the open segment it may never have reached the disk.
        what.weight = whole == nullptr ? finding_weight::note : finding_weight::cache;
        return say(finding_kind::index_damaged, "its header does not hold");
    }
    const index_owner expected{identity(), at.base};
    if (*present.owner != expected) {
        if (is_outdated(present, expected)) {
            what.weight = finding_weight::note;
            return say(finding_kind::index_outdated,
                       "is from before a truncation; it is made anew when it is needed");
        }
        return say(finding_kind::index_foreign,
                   fmt::format("is the index of log {}, segment {:020}",
                               present.owner->log.uid.raw(), present.owner->base.raw()));
    }
    if (disagrees_at) {
        return say(finding_kind::index_disagrees,
                   fmt::format("says of byte {} of the segment what is not so; reads that use it "
                               "fail",
                               *disagrees_at));
    }
    const auto entries = present.index.entries();
    const bool is_closed = whole != nullptr && !entries.empty() &&
                           entries.back().position == whole->bytes &&
                           entries.back().messages_before == whole->messages &&
                           entries.back().offset == whole->last.next();
    if (whole == nullptr || is_closed) {
        return what;
    }
    what.from = present.sound_bytes;
    what.to = std::max(present.sound_bytes, present.file_bytes);
    return say(finding_kind::index_damaged, present.sound_bytes < present.file_bytes
                                                ? "an entry does not hold"
                                                : "does not reach the end of its segment");
}

void log_check::renew_index(finding& what, const segment_file& at, index_check& index,
                            const segment_summary* whole) {
    sparse_index& renewed = index.renewed;
    if (whole != nullptr && !renewed.entries().empty() &&
        renewed.entries().back().position < whole->bytes &&
        renewed.entries().back().messages_before < whole->messages &&
        renewed.entries().back().offset < whole->last.next()) {
        renewed.push({whole->last.next(), static_cast<std::uint32_t>(whole->bytes),
                      static_cast<std::uint32_t>(whole->messages), whole->last_timestamp});
    }
    auto written = write_index(files_, index.path, {identity(), at.base}, renewed, 0);
    if (written) {
        written = sync_file(files_, index.path);
    }
    what.repaired = written.has_value();
    what.text += written ? "; made anew"
                         : fmt::format("; it cannot be made anew: {}", describe(written.error()));
}

}  // namespace iggy::storage
