#include <iggy/storage/verify.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "directory_names.hpp"
#include "format_stamp.hpp"
#include "found_journal.hpp"
#include "log_adoption.hpp"
#include "manifest_reading.hpp"
#include "session_marker.hpp"
#include "verify_journal.hpp"
#include "verify_log.hpp"

namespace iggy::storage {

namespace {

constexpr std::string_view session_name = "iggy.session";

/// Names looked at, at most, to tell whether a directory that nobody knows holds anything.
constexpr std::size_t looked_at_max = 10'000;

/// One check of a data directory.
class directory_check {
public:
    directory_check(disk& files, const verify_options& options, verify_observer& observer)
        : files_{files}, options_{options}, observer_{observer} {}

    result<verify_totals> run();

private:
    result<done_t> check_stamp();
    result<done_t> take_lock();
    result<done_t> read_list_of_logs();
    void judge_manifest(const manifest_reading& reading);
    void complete_from_directories();
    void note_session();
    void check_journal();
    void check_logs();
    void check_log(const log_entry& entry);
    void survey();
    void note_names(const std::string& directory);
    void note_trash();
    bool holds_files(const std::string& directory, int depth, std::size_t& budget);
    void tell(const finding& what);
    void tell_unreadable(std::string_view file, const error& failure);

    disk& files_;
    const verify_options& options_;
    verify_observer& observer_;
    std::unique_ptr<directory_lock> lock_;
    directory_id id_{};
    manifest_entries logs_;
    std::set<std::string, std::less<>> parents_;  // directories that lead to logs
    verify_totals totals_;
    std::uint64_t bytes_read_ = 0;
    std::uint64_t bytes_to_read_ = 0;
};

result<verify_totals> directory_check::run() {
    if (const auto ours = check_stamp(); !ours) {
        return ours.error();
    }
    if (const auto locked = take_lock(); !locked) {
        return locked.error();
    }
    if (const auto listed = read_list_of_logs(); !listed) {
        return listed.error();
    }
    note_session();
    check_journal();
    survey();
    check_logs();
    note_trash();
    note_names("");
    return totals_;
}

void directory_check::tell(const finding& what) {
    totals_.damages += what.weight == finding_weight::damage ? 1 : 0;
    totals_.notes += what.weight == finding_weight::note ? 1 : 0;
    observer_.found(what);
}

void directory_check::tell_unreadable(std::string_view file, const error& failure) {
    tell({.weight = finding_weight::damage,
          .kind = finding_kind::unreadable,
          .file = std::string{file},
          .sys_errno = failure.sys_errno,
          .text = fmt::format("cannot be read: {}", describe(failure))});
}

/// Before anything else, so that nothing is made in a directory that is not ours.
result<done_t> directory_check::check_stamp() {
    const auto opened = files_.open(stamp_name, open_mode::read);
    if (!opened) {
        return opened.error().code == errc::not_found ? error{errc::foreign_directory}
                                                      : opened.error();
    }
    const auto stamp = read_stamp(**opened);
    if (!stamp) {
        return stamp.error();
    }
    switch (stamp->state) {
        case stamp_state::ours:
            id_ = stamp->id;
            return done;
        case stamp_state::cut_short:
            tell({.kind = finding_kind::stamp_cut_short,
                  .file = std::string{stamp_name},
                  .text = "a crash cut the first start short; the next one writes it again"});
            return done;
        case stamp_state::newer:
            return errc::unsupported_version;
        case stamp_state::foreign:
            return errc::foreign_directory;
    }
    return errc::foreign_directory;
}

result<done_t> directory_check::take_lock() {
    auto locked = files_.lock(lock_name);
    if (locked) {
        lock_ = std::move(*locked);
        return done;
    }
    // Where nothing can be written, nobody else writes.
    return locked.error().sys_errno == EROFS ? result<done_t>{done} : locked.error();
}

result<done_t> directory_check::read_list_of_logs() {
    const auto opened = files_.open(manifest_name, open_mode::read);
    if (!opened && opened.error().code == errc::not_found) {
        const auto found = find_logs(files_);
        const bool is_new = found && found->empty();  // before the first log was created
        tell({.weight = is_new ? finding_weight::note : finding_weight::damage,
              .kind = finding_kind::manifest_missing,
              .file = std::string{manifest_name},
              .text = is_new ? "is not there yet"
                             : "is missing; the next start makes it anew from the directories of "
                               "the logs"});
        complete_from_directories();
        return done;
    }
    auto reading = opened ? read_manifest(**opened) : result<manifest_reading>{opened.error()};
    if (!reading) {
        tell_unreadable(manifest_name, reading.error());
        complete_from_directories();
        return done;
    }
    if (reading->header == manifest_format::header_state::newer) {
        return errc::unsupported_version;
    }
    judge_manifest(*reading);
    logs_ = std::move(reading->entries);
    if (reading->damaged()) {
        complete_from_directories();
    }
    return done;
}

void directory_check::judge_manifest(const manifest_reading& reading) {
    finding what{.weight = finding_weight::damage,
                 .kind = finding_kind::manifest_damaged,
                 .file = std::string{manifest_name}};
    if (reading.header == manifest_format::header_state::damaged) {
        what.to = std::min(manifest_format::header_bytes, reading.file_bytes);
        what.text =
            "its header does not hold; the next start completes it from the directories "
            "of the logs";
        tell(what);
    }
    for (const manifest_reading::gap& gap : reading.gaps) {
        what.from = gap.from;
        what.to = gap.to;
        what.text =
            "records do not hold; the next start completes it from the directories of the "
            "logs";
        tell(what);
    }
    if (!reading.damaged() && reading.sound_bytes < reading.file_bytes) {
        tell({.kind = finding_kind::manifest_torn_tail,
              .file = std::string{manifest_name},
              .from = reading.sound_bytes,
              .to = reading.file_bytes,
              .text = "an unfinished change at its end; the next start cuts it off"});
    }
}

/// As an opening does.
void directory_check::complete_from_directories() {
    const auto found = find_logs(files_);
    if (!found) {
        tell_unreadable("", found.error());
        return;
    }
    struct known {
        const manifest_entries& entries;
        const log_entry* find(log_uid uid) const { return entries.find(uid); }
        const log_entry* find(std::string_view path) const { return entries.find(path); }
    };
    for (const manifest_change& change : adopting_changes(*found, known{logs_})) {
        logs_.apply(change);
    }
}

void directory_check::note_session() {
    const auto ending = read_session_ending(files_);
    if (!ending) {
        tell_unreadable(session_name, ending.error());
        return;
    }
    if (*ending == session_ending::in_order) {
        return;
    }
    const bool restarted = *ending == session_ending::machine_restarted;
    tell({.kind = finding_kind::not_closed,
          .file = std::string{session_name},
          .text = restarted ? "the last use did not end in order, and the machine was restarted "
                              "since; logs below level `synced` will leave a gap in their offsets"
                            : "the last use was killed; nothing that it handed to the kernel is "
                              "lost"});
}

void directory_check::check_journal() {
    journal_check::callbacks calls;
    calls.on_finding = [this](const finding& what) { tell(what); };
    calls.on_checked = [this](const journal_report& checked) {
        observer_.checked_journal(checked);
    };
    journal_check{files_, id_, logs_, std::move(calls)}.run();
}

/// Where the logs are, and how much there is to read.
void directory_check::survey() {
    for (const auto& [uid, entry] : logs_.all()) {
        for (auto parent = parent_of(entry.path); !parent.empty(); parent = parent_of(parent)) {
            parents_.emplace(parent);
        }
        const auto names = files_.list(entry.path);
        for (const directory_entry& name : names ? *names : std::vector<directory_entry>{}) {
            if (!name.is_directory && parse_segment_name(name.name, messages_extension)) {
                bytes_to_read_ += name.size;
            }
        }
    }
    observer_.progressed(0, bytes_to_read_);
}

void directory_check::check_logs() {
    if (const log_entry* const first = logs_.find(options_.first_log)) {
        check_log(*first);
    }
    for (const auto& [uid, entry] : logs_.all()) {
        if (entry.path != options_.first_log) {
            check_log(entry);
        }
    }
}

void directory_check::check_log(const log_entry& entry) {
    log_check::callbacks calls;
    if (entry.path == options_.first_log) {
        calls.on_begin = [this](message_offset start) { observer_.first_log_begins(start); };
        calls.on_message = [this](const message_view& message) { observer_.message(message); };
    }
    calls.on_read = [this](std::uint64_t bytes) {
        bytes_read_ += bytes;
        observer_.progressed(bytes_read_, std::max(bytes_read_, bytes_to_read_));
    };
    const log_report report = log_check{files_, entry, options_, std::move(calls)}.run();
    totals_.logs += 1;
    totals_.logs_intact += report.intact() ? 1 : 0;
    totals_.segments += report.segments;
    totals_.messages += report.messages;
    totals_.bytes += report.bytes;
    totals_.damages += report.damages;
    totals_.caches += report.caches;
    for (const finding& what : report.findings) {
        totals_.notes += what.weight == finding_weight::note ? 1 : 0;
        totals_.repaired += what.repaired ? 1 : 0;
    }
    observer_.checked(report);
}

void directory_check::note_trash() {
    const auto names = files_.list(trash_name);
    if (names && !names->empty()) {
        tell({.kind = finding_kind::trash_left,
              .file = std::string{trash_name},
              .text = fmt::format("{} removed log(s) not freed yet; the next start frees them",
                                  names->size())});
    }
}

/// What is neither a log, nor on the way to one, nor the store's own.
void directory_check::note_names(const std::string& directory) {
    const auto names = files_.list(directory);
    if (!names) {
        tell_unreadable(directory, names.error());
        return;
    }
    const auto is_own = [](std::string_view name) {
        return name == stamp_name || name == lock_name || name == reserve_name ||
               name == manifest_name || name == session_name || name == trash_name ||
               name == journal_directory || is_others_name(name);
    };
    for (const directory_entry& entry : *names) {
        const std::string path = directory.empty() ? entry.name : directory + '/' + entry.name;
        if ((directory.empty() && is_own(entry.name)) || logs_.find(path) != nullptr) {
            continue;
        }
        if (path == manifest_new_name) {
            tell({.kind = finding_kind::manifest_leftover,
                  .file = path,
                  .text = "an unfinished rewriting of the manifest; it means nothing"});
            continue;
        }
        if (entry.is_directory && parents_.contains(path)) {
            note_names(path);
            continue;
        }
        std::size_t budget = looked_at_max;
        if (entry.is_directory && !holds_files(path, 0, budget)) {
            continue;  // where removed logs were
        }
        tell({.kind = finding_kind::unknown_name,
              .file = path,
              .text = entry.is_directory ? "a directory that no log has; it is left alone"
                                         : "nothing of the store's; it is left alone"});
    }
}

bool directory_check::holds_files(const std::string& directory, int depth, std::size_t& budget) {
    const auto names = files_.list(directory);
    if (!names) {
        return true;  // whatever it is
    }
    return std::ranges::any_of(*names, [&](const directory_entry& entry) {
        if (!entry.is_directory || depth == directory_depth_max || budget == 0) {
            return true;
        }
        --budget;
        return holds_files(directory + '/' + entry.name, depth + 1, budget);
    });
}

}  // namespace

result<verify_totals> verify(disk& files, const verify_options& options,
                             verify_observer& observer) {
    if (options.index_interval_bytes < index_interval_bytes_min ||
        options.index_interval_bytes > index_interval_bytes_max) {
        return errc::invalid_argument;
    }
    return directory_check{files, options, observer}.run();
}

result<verify_totals> verify(const std::string& path, const verify_options& options,
                             verify_observer& observer) {
    std::error_code failed;
    // Opening a disk makes its directory.
    if (!std::filesystem::is_directory(path, failed)) {
        return errc::not_found;
    }
    const auto files = open_disk(path);
    if (!files) {
        return files.error();
    }
    return verify(**files, options, observer);
}

}  // namespace iggy::storage
