#include "verify_log.hpp"

#include <algorithm>
#include <cstring>
#include <set>

#include <fmt/format.h>

#include "recovery_rules.hpp"
#include "stored_offsets.hpp"

namespace iggy::storage {

namespace {
constexpr std::size_t offsets_block_bytes = std::size_t{64} << 10;
static_assert(offsets_block_bytes % offset_slot_bytes == 0);
}  // namespace

log_check::log_check(disk& files, const log_entry& entry, const verify_options& options,
                     callbacks calls)
    : files_{files},
      entry_{entry},
      options_{options},
      calls_{std::move(calls)},
      follows_{end_of_known(entry)} {
    report_.uid = entry.uid;
    report_.path = entry.path;
    report_.generation = entry.generation;
    report_.next = entry.start;
    if (const auto& point = entry.recovered_to) {
        report_.next = std::max(report_.next, point->next);
        report_.recovery_point = {point->segment.base, point->segment.bytes, point->next};
    }
    if (!entry.sealed.empty()) {
        report_.next = std::max(report_.next, entry.sealed.back().last.next());
    }
}

log_report log_check::run() {
    if (!take_names()) {
        return std::move(report_);
    }
    if (!check_identity()) {
        names_.clear();  // the next start moves them away
    }
    const std::vector<segment_file> segments = segment_files();
    if (calls_.on_begin) {
        calls_.on_begin(segments.empty() ? report_.next
                                         : std::max(entry_.start, segments.front().base));
    }
    check_segments(segments);
    note_names(segments);
    check_offsets();
    return std::move(report_);
}

void log_check::add(finding what) {
    if (what.weight == finding_weight::damage) {
        ++report_.damages;
        report_.damaged_bytes += what.to - what.from;
    } else if (what.weight == finding_weight::cache && !what.repaired) {
        ++report_.caches;
    }
    if (report_.findings.size() < options_.findings_max) {
        report_.findings.push_back(std::move(what));
    } else {
        ++report_.findings_left_out;
    }
}

void log_check::tell_unreadable(std::string file, std::string_view what, const error& failure) {
    add({.weight = finding_weight::damage,
         .kind = finding_kind::unreadable,
         .file = std::move(file),
         .sys_errno = failure.sys_errno,
         .text = fmt::format("{}: {}", what, std::strerror(failure.sys_errno))});
}

/// False when the directory cannot be read. Without one the log is as good as empty.
bool log_check::take_names() {
    auto listed = files_.list(entry_.path);
    if (listed) {
        names_ = std::move(*listed);
        return true;
    }
    if (listed.error().code == errc::not_found) {
        return true;
    }
    tell_unreadable(entry_.path, "the directory cannot be listed", listed.error());
    return false;
}

/// Whether the files are this log's; else the next start moves them to the trash.
bool log_check::check_identity() {
    const auto found = read_identity(files_, entry_.path);
    if (!found) {
        tell_unreadable(fmt::format("{}/{}", entry_.path, identity_file_name), "cannot be read",
                        found.error());
        return true;
    }
    if (*found) {
        return **found == identity() || identity_holds(**found);
    }
    const bool is_there = std::ranges::any_of(
        names_, [](const directory_entry& name) { return name.name == identity_file_name; });
    const bool has_content = std::ranges::any_of(names_, is_content);
    return (!is_there && !has_content) || identity_absent(is_there, has_content);
}

/// An identity that is not what the manifest says.
bool log_check::identity_holds(const log_identity& found) {
    finding what{.kind = finding_kind::identity_differs,
                 .file = fmt::format("{}/{}", entry_.path, identity_file_name)};
    if (found.uid == entry_.uid && found.generation < entry_.generation && entry_.truncation) {
        what.kind = finding_kind::unfinished_truncation;
        what.text = fmt::format(
            "a truncation to offset {} did not come to its end; the next start "
            "finishes it",
            entry_.truncation->next.raw());
        add(std::move(what));
        return true;
    }
    what.weight = was_synced(entry_) ? finding_weight::damage : finding_weight::note;
    what.text = fmt::format(
        "the directory is of log {}, generation {}, instead of log {}, generation {}: what a "
        "removal or purge left; the next start moves it to the trash",
        found.uid.raw(), found.generation, entry_.uid.raw(), entry_.generation);
    add(std::move(what));
    return false;
}

bool log_check::identity_absent(bool is_damaged, bool has_content) {
    const bool is_claimed = was_synced(entry_);
    // A process that is killed while it makes the directory leaves an empty one.
    const bool is_unfinished = !is_claimed && !has_content;
    add({.weight = is_unfinished ? finding_weight::note : finding_weight::damage,
         .kind = is_damaged ? finding_kind::identity_damaged : finding_kind::identity_missing,
         .file = fmt::format("{}/{}", entry_.path, identity_file_name),
         .text = fmt::format("{}; the next start {}", is_damaged ? "does not hold" : "is missing",
                             is_claimed ? "writes it anew"
                                        : "moves the directory to the trash, as nothing says whose "
                                          "this is")});
    return is_claimed;
}

/// What lies in the directory and belongs to nothing.
void log_check::note_names(const std::vector<segment_file>& segments) {
    std::set<message_offset> bases;
    for (const segment_file& at : segments) {
        bases.insert(at.base);
    }
    for (const directory_entry& name : names_) {
        const auto index_of = parse_segment_name(name.name, index_extension);
        const bool known = name.name == identity_file_name || name.name == offsets_file_name ||
                           name.name == next_segment_file_name ||
                           parse_segment_name(name.name, messages_extension) ||
                           (index_of && bases.contains(*index_of));
        if (!known || name.is_directory) {
            add({.kind = finding_kind::unknown_name,
                 .file = fmt::format("{}/{}", entry_.path, name.name),
                 .text = index_of ? "an index without its segment; it is never read"
                                  : "nothing of the store's; it is left alone"});
        }
    }
}

/// By base: those that the manifest knows and those that are there.
std::vector<log_check::segment_file> log_check::segment_files() const {
    std::vector<segment_file> segments;
    segments.reserve(entry_.sealed.size() + 1);
    for (const segment_summary& sealed : entry_.sealed) {
        segments.push_back({.base = sealed.base, .sealed = &sealed});
    }
    const auto find = [&segments](message_offset base) -> segment_file& {
        const auto found = std::ranges::lower_bound(segments, base, {}, &segment_file::base);
        if (found != segments.end() && found->base == base) {
            return *found;
        }
        return *segments.insert(found, {.base = base});
    };
    for (const directory_entry& name : names_) {
        if (const auto base = parse_segment_name(name.name, messages_extension);
            base && !name.is_directory) {
            segment_file& at = find(*base);
            at.size = name.size;
            at.missing = false;
        }
    }
    if (const auto& point = entry_.recovered_to;
        point && point->segment.messages > 0 && point->next > entry_.start) {
        find(point->segment.base).point = &point->segment;
    }
    return segments;
}

void log_check::check_segments(const std::vector<segment_file>& segments) {
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const segment_file& at = segments[i];
        if (goes_at_next_start(at)) {
            continue;
        }
        const message_offset below = i + 1 < segments.size()
                                         ? segments[i + 1].base
                                         : message_offset{message_offset::raw_end};
        check_segment(at, below);
    }
}

/// A segment that was deleted already, or lies behind the end of the log: commit is a prefix.
bool log_check::goes_at_next_start(const segment_file& at) {
    if (at.sealed != nullptr || at.missing) {
        return false;
    }
    const bool before_start = at.base < entry_.start;
    const bool after_gap =
        is_last(at) && follows_ && *follows_ != at.base && tells_of_loss(entry_, at.base);
    ended_ = ended_ || (after_gap && !before_start);
    if (!before_start && !ended_) {
        return false;
    }
    add(in_segment(at, finding_weight::note, finding_kind::behind_the_end, 0, at.size,
                   before_start
                       ? "was deleted; the next start removes the file"
                       : "lies behind the end of the log, as messages before it were never "
                         "made durable; the next start removes the file"));
    return true;
}

void log_check::check_offsets() {
    const std::string path = fmt::format("{}/{}", entry_.path, offsets_file_name);
    if (std::ranges::none_of(
            names_, [](const directory_entry& name) { return name.name == offsets_file_name; })) {
        return;
    }
    const auto opened = files_.open(path, open_mode::read);
    if (!opened) {
        tell_unreadable(path, "cannot be opened", opened.error());
        return;
    }
    check_slots(**opened, path);
}

void log_check::check_slots(file& source, const std::string& path) {
    using meaning = offset_slot::meaning;
    const auto tell = [&](finding_weight weight, std::uint64_t from, std::uint64_t to,
                          std::string text) {
        add({.weight = weight,
             .kind = finding_kind::offsets_damaged,
             .file = path,
             .from = from,
             .to = to,
             .text = std::move(text)});
    };
    std::vector<std::byte> block(offsets_block_bytes);
    std::uint64_t past_end = 0;
    std::uint64_t position = 0;
    for (std::size_t got = block.size(); got == block.size();) {
        const auto read = source.read_at(position, block);
        if (!read) {
            tell_unreadable(path, "cannot be read", read.error());
            break;
        }
        got = *read;
        const std::size_t whole = got - got % offset_slot_bytes;
        for (std::size_t at = 0; at < whole; at += offset_slot_bytes) {
            const auto slot =
                decode_offset_slot(byte_view{block}.subspan(at, offset_slot_bytes), identity());
            const std::uint64_t from = position + at;
            switch (slot.means) {
                case meaning::present:
                    ++report_.stored_offsets;
                    past_end += slot.at >= report_.next ? 1 : 0;
                    break;
                case meaning::deleted:
                    break;
                case meaning::zeros:
                    tell(finding_weight::note, from, from + offset_slot_bytes,
                         "a stored offset never reached the disk; its place is used again");
                    break;
                case meaning::damaged:
                    tell(finding_weight::damage, from, from + offset_slot_bytes,
                         "a stored offset does not hold: its consumer starts as if it had none");
                    break;
                case meaning::foreign:
                    tell(finding_weight::damage, from, from + offset_slot_bytes,
                         "a stored offset of another log; it counts as none");
                    break;
            }
        }
        if (whole < got) {
            tell(finding_weight::damage, position + whole, position + got,
                 "the last stored offset is cut short");
        }
        position += got;
    }
    if (past_end > 0) {
        add({.kind = finding_kind::offsets_past_end,
             .file = path,
             .text = fmt::format("{} stored offset(s) at or past {}, the end of the log; the next "
                                 "start lowers them",
                                 past_end, report_.next.raw())});
    }
}

}  // namespace iggy::storage
