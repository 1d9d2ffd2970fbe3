#include "verify_journal.hpp"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "found_journal.hpp"

namespace iggy::storage {

namespace format = journal_format;

namespace {

constexpr std::size_t sector_bytes = 512;  // that a disk writes whole or not at all

bool is_zeros(byte_view bytes) {
    return std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{}; });
}

bool has_sector_of_zeros(byte_view bytes) {
    for (; !bytes.empty(); bytes = bytes.subspan(std::min(bytes.size(), sector_bytes))) {
        if (is_zeros(bytes.first(std::min(bytes.size(), sector_bytes)))) {
            return true;
        }
    }
    return false;
}

}  // namespace

journal_check::journal_check(disk& files, const directory_id& directory,
                             const manifest_entries& logs, callbacks calls)
    : files_{files}, directory_{directory}, logs_{logs}, calls_{std::move(calls)} {}

void journal_check::run() {
    read_files();
    std::ranges::sort(checked_, {}, [](const checked_file& in) {
        return std::tuple{!in.groups.empty(), in.report.first_group,
                          std::string_view{in.report.path}};
    });
    check_order();
    if (!checked_.empty() && !checked_.back().groups.empty()) {
        check_end(checked_.back());
    }
    for (checked_file& in : checked_) {
        count_entries(in);
        calls_.on_checked(in.report);
    }
}

void journal_check::tell_unreadable(const std::string& file, const error& failure) {
    calls_.on_finding({.weight = finding_weight::damage,
                       .kind = finding_kind::unreadable,
                       .file = file,
                       .sys_errno = failure.sys_errno,
                       .text = fmt::format("cannot be read: {}", describe(failure))});
}

void journal_check::read_files() {
    const std::string directory{journal_directory};
    const auto names = files_.list(directory);
    if (!names) {
        if (names.error().code != errc::not_found) {
            tell_unreadable(directory, names.error());
        }
        return;
    }
    for (const directory_entry& name : *names) {
        if (!name.is_directory && name.name.ends_with(journal_extension)) {
            read_file(name);
        } else {
            calls_.on_finding({.kind = finding_kind::unknown_name,
                               .file = fmt::format("{}/{}", directory, name.name),
                               .text = "nothing that a start reads; it is left alone"});
        }
    }
}

void journal_check::read_file(const directory_entry& name) {
    checked_file in;
    in.report.path = fmt::format("{}/{}", journal_directory, name.name);
    in.report.bytes = name.size;
    auto opened = files_.open(in.report.path, open_mode::read);
    if (!opened) {
        tell_unreadable(in.report.path, opened.error());
        return;
    }
    in.source = std::move(*opened);
    auto reading = read_journal(*in.source, name.size, directory_, group_);
    if (!reading) {
        tell_unreadable(in.report.path, reading.error());
        return;
    }
    if (reading->is_foreign) {
        calls_.on_finding({.kind = finding_kind::journal_foreign,
                           .file = in.report.path,
                           .text = "is of another data directory; the next start puts it aside"});
        return;
    }
    in.groups = std::move(reading->groups);
    if (in.groups.empty()) {
        check_front(in);
    } else {
        in.report.groups = in.groups.size();
        in.report.session = in.groups.front().header.session;
        in.report.first_group = in.groups.front().header.sequence;
        in.report.last_group = in.groups.back().header.sequence;
    }
    checked_.push_back(std::move(in));
}

/// A file whose first group does not hold is taken for empty. It may be: what a power cut leaves of
/// an emptying has whole sectors of zeros in the group's place, and of a write its header or zeros.
void journal_check::check_front(const checked_file& in) {
    const byte_span block = byte_span{group_}.first(format::block_bytes);
    const auto got = in.source->read_at(0, block);
    if (!got) {
        tell_unreadable(in.report.path, got.error());
        return;
    }
    const byte_view front = block.first(*got);
    if (is_zeros(front.first(std::min(front.size(), format::header_bytes)))) {
        return;
    }
    const auto header = format::decode_header(front);
    bool was_whole = !header;
    if (header && !has_sector_of_zeros(front.first(std::min<std::size_t>(*got, header->bytes)))) {
        const auto later = has_later_group(in, *header);
        if (!later) {
            tell_unreadable(in.report.path, later.error());
            return;
        }
        was_whole = *later;
    }
    finding what{.kind = finding_kind::journal_torn_tail,
                 .file = in.report.path,
                 .to = std::min<std::uint64_t>(format::block_bytes, in.report.bytes),
                 .text =
                     "its first group was never finished, or only half forgotten; a start takes "
                     "it for empty"};
    if (was_whole) {
        what.weight = finding_weight::damage;
        what.kind = finding_kind::journal_damaged;
        what.text =
            "its first group does not hold, so a start takes it for empty: what only this file had "
            "of its logs is lost";
    }
    calls_.on_finding(what);
}

result<bool> journal_check::has_later_group(const checked_file& in,
                                            const format::group_header& than) {
    for (std::uint64_t at = format::block_bytes; at < in.report.bytes; at += format::block_bytes) {
        const auto found = read_journal_group(*in.source, at, group_);
        if (!found) {
            return found.error();
        }
        if (*found && (*found)->directory == directory_ && (*found)->session == than.session &&
            (*found)->sequence > than.sequence) {
            return true;
        }
    }
    return false;
}

/// Numbers have no gaps. Where groups are missing that a sync had made durable, something was lost;
/// of the last sync, which may not have ended, a power cut leaves any of the groups.
void journal_check::check_order() {
    std::vector<gap> undecided;
    place before;
    for (const checked_file& in : checked_) {
        for (const journal_group& at : in.groups) {
            const gap between{before, {&in, &at}};
            before = between.behind;
            if (between.before.at == nullptr ||
                between.before.at->header.session != at.header.session ||
                between.before.number() >= at.header.sequence) {
                continue;
            }
            if (between.groups() > 0) {
                undecided.push_back(between);
            }
            if (is_of_later_sync(between)) {
                for (const gap& missing : undecided) {
                    tell_gap(missing, true);
                }
                undecided.clear();
            }
        }
    }
    for (const gap& missing : undecided) {
        tell_gap(missing, false);
    }
}

/// Whether the group behind was written after a sync of the one right before it. A sync of several
/// groups ends each where what comes next does not fit, and a file is synced before the next one.
bool journal_check::is_of_later_sync(const gap& between) noexcept {
    const auto& [before, behind] = between;
    if (before.in != behind.in) {
        return true;
    }
    const std::uint64_t missing = between.groups();
    const std::uint64_t right_before =
        missing == 0 ? before.at->header.bytes
                     : behind.at->position - before.end() - (missing - 1) * format::block_bytes;
    return right_before + behind.at->header.bytes <=
           std::min<std::uint64_t>(format::group_bytes_max, before.in->report.bytes);
}

void journal_check::tell_gap(const gap& at, bool was_synced) {
    finding what{
        .kind = finding_kind::journal_torn_tail,
        .file = at.before.in->report.path,
        .from = at.before.end(),
        .to = at.before.in == at.behind.in ? at.behind.at->position : at.before.in->report.bytes};
    const std::string numbers =
        fmt::format("{} group(s) from number {} on", at.groups(), at.before.number() + 1);
    if (was_synced) {
        what.weight = finding_weight::damage;
        what.kind = finding_kind::journal_damaged;
        what.text = fmt::format(
            "{} do not hold or are gone, and {} behind them holds: what only "
            "they had of their logs is lost",
            numbers, at.behind.number());
    } else {
        what.text = fmt::format("{} do not hold, of a sync that did not end", numbers);
    }
    calls_.on_finding(what);
}

void journal_check::check_end(const checked_file& in) {
    const place last{&in, &in.groups.back()};
    const byte_span front = byte_span{group_}.first(format::header_bytes);
    const auto got = in.source->read_at(last.end(), front);
    if (!got) {
        tell_unreadable(in.report.path, got.error());
        return;
    }
    const auto header = format::decode_header(front.first(*got));
    if (header && header->directory == directory_ && header->session == in.report.session &&
        header->sequence > last.number()) {
        const std::uint64_t end = last.end() + format::padded(header->bytes);
        calls_.on_finding({.kind = finding_kind::journal_torn_tail,
                           .file = in.report.path,
                           .from = last.end(),
                           .to = std::min(end, in.report.bytes),
                           .text = fmt::format("group {} at its end does not hold: a sync that did "
                                               "not end, or damage of what was written last",
                                               header->sequence)});
    }
}

void journal_check::count_entries(checked_file& in) {
    for (const journal_group& at : in.groups) {
        const auto header = read_journal_group(*in.source, at.position, group_);
        if (!header) {
            tell_unreadable(in.report.path, header.error());
            return;
        }
        std::uint64_t entries = 0;
        format::entry_reader reader{byte_view{group_}.first(at.header.bytes)};
        while (const auto entry = reader.next()) {
            const log_entry* const known = logs_.find(entry->log.uid);
            const bool is_there = known != nullptr && known->generation == entry->log.generation;
            in.report.entries_without_log += is_there ? 0 : 1;
            ++entries;
        }
        in.report.entries += entries;
        if (entries != at.header.entries) {
            calls_.on_finding(
                {.weight = finding_weight::damage,
                 .kind = finding_kind::journal_damaged,
                 .file = in.report.path,
                 .from = at.position,
                 .to = at.position + format::padded(at.header.bytes),
                 .text = fmt::format("group {} holds and has {} entries where it "
                                     "says {}: this version does not know it",
                                     at.header.sequence, entries, at.header.entries)});
        }
    }
}

}  // namespace iggy::storage
