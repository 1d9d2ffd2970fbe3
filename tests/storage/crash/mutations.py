"""What mutate.py removes from the store and the catalog, one at a time: each sync, each comparison of a checksum, each rule of order.

A mutation is a file, what it removes, a text that stands in the file exactly once, the text in its place, and the area,
which says in which folder the file is and which tests are to notice.
"""

import enum
from typing import NamedTuple


class Area(enum.Enum):
    STORE = "the store"
    CATALOG = "the catalog"
    KERNEL = "what the store asks of the kernel"


FOLDERS = {Area.STORE: "libiggy_storage/src", Area.CATALOG: "server/src/catalog", Area.KERNEL: "libiggy_storage/src"}

NOT_SYNCED = "result<done_t>{done}"


class Mutation(NamedTuple):
    file: str
    removes: str
    text: str
    instead: str
    area: Area = Area.STORE


def sync(file: str, removes: str, text: str, call: str) -> Mutation:
    """Without `call`, a part of `text`, which then counts as done."""
    assert call in text
    return Mutation(file, "sync: " + removes, text, text.replace(call, NOT_SYNCED, 1))


def check(file: str, removes: str, text: str, instead: str) -> Mutation:
    return Mutation(file, "checksum: " + removes, text, instead)


def rule(file: str, removes: str, text: str, instead: str = "") -> Mutation:
    return Mutation(file, "rule: " + removes, text, instead)


def catalog(file: str, removes: str, text: str, instead: str = "") -> Mutation:
    return Mutation(file, "rule: " + removes, text, instead, Area.CATALOG)


def kernel(file: str, removes: str, text: str, instead: str) -> Mutation:
    return Mutation(file, "sync: " + removes, text, instead, Area.KERNEL)


MUTATIONS = [
    # The data directory.
    sync("data_directory.cpp", "of the format stamp", "synced = stamp.sync();", "stamp.sync()"),
    sync("data_directory.cpp", "of the stamp's name", 'named = files.sync_directory("");', 'files.sync_directory("")'),
    sync("data_directory.cpp", "of the place that a discarded log left", "return files->sync_directory(parent_of(path));",
         "files->sync_directory(parent_of(path))"),
    sync("session_marker.cpp", "of the session file", "synced = (*opened)->sync();", "(*opened)->sync()"),
    sync("session_marker.cpp", "of the session file's name", 'memory_level;\n    return files_.sync_directory("");',
         'files_.sync_directory("")'),
    sync("session_marker.cpp", "of the session file's removal", '(void)files_.sync_directory("");  // else',
         'files_.sync_directory("")'),
    rule("session_marker.cpp", "the session file is written before a memory log is opened",
         "level == durability::memory && !memory_level_", "false && level == durability::memory && !memory_level_"),
    rule("session_marker.cpp", "a log that was not closed keeps the session file", "if (unsettled_.empty() && files_.remove",
         "if (files_.remove"),

    # The manifest.
    sync("manifest.cpp", "of what a start found", "if (auto synced = file->sync(); !synced) {\n        return synced.error();",
         "file->sync()"),
    sync("manifest.cpp", "of a group", "if (auto synced = file->sync(); !synced) {\n        failure", "file->sync()"),
    sync("manifest.cpp", "of a new manifest's name", 'synced = disk.sync_directory("");', 'disk.sync_directory("")'),
    sync("manifest.cpp", "of a new manifest", "synced = target.sync();", "target.sync()"),
    rule("manifest.cpp", "a torn tail is cut", "if (auto cut = file->resize(size); !cut) {", "if (result<done_t> cut = done; !cut) {"),
    rule("manifest.cpp", "what a start found is written again", "write_again(*file, 0, size)", NOT_SYNCED),
    rule("manifest.cpp", "a failed sync is final", "failure = synced.error();  // nobody knows what is on the disk now\n", ""),
    check("manifest_format.cpp", "of the header", "load_le<std::uint64_t>(file, header_checksum_at) !=\n            xxh3_64(file.first(header_checksum_at))",
          "false"),
    check("manifest_format.cpp", "of a group's frame", "load_le<std::uint32_t>(bytes, frame_checksum_at) != frame_checksum(bytes)", "false"),
    check("manifest_format.cpp", "of a group", "load_le<std::uint64_t>(bytes, checksum_at) !=\n        xxh3_64(bytes.first(decoded.bytes).subspan(group_magic_at))",
          "false"),

    # The journal.
    sync("journal.cpp", "of a group", "const auto synced = current_->at.open->sync();\n    sync_took_", "current_->at.open->sync()"),
    sync("journal.cpp", "of a full file before the next one begins", "if (const auto synced = current_->at.open->sync()",
         "current_->at.open->sync()"),
    sync("journal.cpp", "of a new file", "outcome = fresh.sync();", "fresh.sync()"),
    sync("journal.cpp", "of a new file's name", "outcome = files_.sync_directory(journal_directory);",
         "files_.sync_directory(journal_directory)"),
    sync("journal.cpp", "of the journal's directory", 'outcome = files_.sync_directory("");', 'files_.sync_directory("")'),
    sync("journal.cpp", "of what a file covers, before it is recycled", "synced = sync_file(files_, path);", "sync_file(files_, path)"),
    sync("journal.cpp", "of the names of what a file covers", "named = sync_log_directories(files_, unnamed);",
         "sync_log_directories(files_, unnamed)"),
    rule("journal.cpp", "a name that failed to sync ends its log", "lose(at.log.uid, named.error());", "(void)at;"),
    rule("journal.cpp", "a file is emptied before it is written anew", "freed = clear_journal_file(*oldest->at.open);", "freed = done;"),
    rule("journal.cpp", "no file is emptied while somebody else may have heard that a sync failed",
         "        if (const auto frozen = await_watched()) {\n            return *frozen;\n        }\n", ""),
    rule("final_sync_disk.cpp", "a directory that failed to sync stays failed", "failed_.emplace(path, synced.error());", ""),
    rule("final_sync_disk.cpp", "a directory is synced by one at a time", "const std::lock_guard alone{in_line};", "(void)in_line;"),
    rule("journal.cpp", "a failed sync ends the journal", "return synced ? synced : fail(synced.error());", "return synced;"),
    sync("found_journal.cpp", "of an emptied file", "return at.sync();", "at.sync()"),
    sync("found_journal.cpp", "of the names of the files that are kept", "named = disk_->sync_directory(directory);",
         "disk_->sync_directory(directory)"),
    rule("journal_reading.cpp", "files of another directory do not count", "found.is_foreign = *header && (*header)->directory != directory;",
         "found.is_foreign = false;"),
    rule("journal_reading.cpp", "groups of another session do not count",
         "(*header)->session == found.groups.front().header.session &&\n", ""),
    rule("journal_reading.cpp", "groups of lower numbers do not count",
         " &&\n                                      (*header)->sequence > found.groups.back().header.sequence", ""),
    rule("found_journal.cpp", "files are applied in the order of their groups", "in.groups.empty() ? 0 : in.groups.front().header.sequence;",
         "in.groups.empty() ? 0 : ~in.groups.front().header.sequence;"),
    rule("found_journal.cpp", "empty files are emptied again after an unclean end", "!in.groups.empty() || found == page_cache::unproven",
         "!in.groups.empty()"),
    check("journal_format.cpp", "of a group", "return load_le<std::uint64_t>(group, checksum_at) == xxh3_64(group.subspan(magic_at));",
          "return !group.empty();"),
    sync("journal_replay.cpp", "of the segments that were written again", "const auto synced = opened ? (*opened)->sync() : opened.error();",
         "(*opened)->sync()"),
    sync("journal_replay.cpp", "of the offsets that were written again", "if (const auto synced = (*opened)->sync(); !synced) {",
         "(*opened)->sync()"),
    sync("journal_replay.cpp", "of the names", "return sync_log_directories(*directory_.files, directories);",
         "sync_log_directories(*directory_.files, directories)"),
    rule("journal_replay.cpp", "entries of another generation mean nothing", " && found->known.generation == entry.log.generation", ""),
    rule("journal_replay.cpp", "entries before the start of the log mean nothing", "if (entry.segment < known.start) {", "if (false) {"),
    rule("journal_replay.cpp", "entries of a sealed segment mean nothing",
         "if (std::ranges::binary_search(known.sealed, entry.segment, {}, &segment_summary::base)) {", "if (false) {"),
    rule("data_directory.cpp", "what was replayed is synced before the journal is emptied", "return replay.finish();", "return done;"),

    # Identities, names and syncs of a log.
    check("log_files.cpp", "of an identity", "load_le<std::uint64_t>(block, 56) != xxh3_64(block.first(56))", "false"),
    sync("log_files.cpp", "of an identity", "return identity ? (*identity)->sync() : identity.error();", "(*identity)->sync()"),
    sync("log_files.cpp", "of the directories above a log", "synced = disk.sync_directory(path);", "disk.sync_directory(path)"),
    sync("log_files.cpp", "of a log's directory", "synced = disk.sync_directory(directory); !synced) {\n        return synced.error();",
         "disk.sync_directory(directory)"),
    sync("log_files.cpp", "of the directories of many logs", "synced = disk.sync_directory(directory); !synced && !is_gone",
         "disk.sync_directory(directory)"),
    sync("log_files.cpp", "of a file by its path", "return (*opened)->sync();", "(*opened)->sync()"),

    # Appends, commits and recovery points.
    rule("log_checkpoint.cpp", "the names are durable before a message is", "if (!names_durable()) {\n        sync_busy = true;",
         "names_synced = names_made;\n    if (!names_durable()) {\n        sync_busy = true;"),
    rule("log_checkpoint.cpp", "what is durable is what had been written when the sync began",
         "target->synced_bytes = std::max(target->synced_bytes, sync_bytes);",
         "target->synced_bytes = std::max(target->synced_bytes, target->written.bytes);"),
    rule("log_checkpoint.cpp", "a batch waits for those before it", "if (op.in_journal_ || !(op.kept_ || synced || failed)) {\n            break;",
         "if (op.in_journal_ || !(op.kept_ || synced || failed || op.count == 1)) {\n            break;"),
    rule("log_checkpoint.cpp", "after a failed sync the log is read-only", "failed = failure;\n    failed->code = errc::read_only;\n    fail_waiting",
         "fail_waiting"),
    rule("log_checkpoint.cpp", "a sync that failed in the journal's hands counts here",
         "if (const auto loss = shared.journal->loss_of(uid)) {", "if (const auto loss = shared.journal->loss_of(uid); loss && false) {"),
    rule("log_checkpoint.cpp", "the messages are durable before their recovery point",
         "sync_through(through, [this, changes", "sync_through(0, [this, changes"),
    sync("log_checkpoint.cpp", "of the index before its recovery point", "kept = sync_file(*files, index);", "sync_file(*files, index)"),
    rule("log_write.cpp", "a failed write is cut off", "!(*opened)->resize(failed_at->written.bytes)", "false"),
    rule("log_write.cpp", "nothing is written behind a cut that is not durable", "cut_unsynced = true;", ""),
    sync("log_write.cpp", "of a cut", "return sync_file(*files, path);", "sync_file(*files, path)"),
    rule("log_append.cpp", "offsets are reserved before they are given", "return level == durability::synced || first <= durable_next ||",
         "return true || level == durability::synced || first <= durable_next ||"),
    check("log_append.cpp", "of a message that comes with one", " || !view.checksum_matches()", ""),

    # Recovery.
    check("log_recovery.cpp", "of a message past the recovery point", "!*found || !(*found)->checksum_matches()", "!*found"),
    rule("log_recovery.cpp", "offsets ascend past the recovery point", "if (!follows || message.offset().raw() == message_offset::raw_end ||\n            message.timestamp()",
         "if (message.timestamp()"),
    rule("log_recovery.cpp", "offsets that may have been given are skipped", "if (shared.session->may_have_lost_offsets(level)) {", "if (false) {"),
    sync("log_recovery.cpp", "of messages that a killed process left", "if (const auto synced = (*opened)->sync(); !synced) {",
         "(*opened)->sync()"),
    rule("log_recovery.cpp", "what was found is synced before it is shown", "if (const auto synced = sync_found(entry); !synced) {",
         "if (const result<done_t> synced = done; !synced) {"),
    sync("log_recovery.cpp", "of the names that a killed process left",
         "if (const auto named = sync_log_directory(*shared.files, path); !named) {", "sync_log_directory(*shared.files, path)"),
    sync("log_recovery.cpp", "of lowered offsets", "if (const auto synced = (*file)->sync(); !synced) {", "(*file)->sync()"),
    sync("log_recovery.cpp", "of the name of the offsets", "    return sync_log_directory(*shared.files, path);\n}\n\n/// Builds",
         "sync_log_directory(*shared.files, path)"),
    sync("log_recovery.cpp", "of the removal of segments behind a gap", "synced = shared.files->sync_directory(path);",
         "shared.files->sync_directory(path)"),
    sync("log_recovery.cpp", "of the cut of a torn tail", "synced = source.sync();", "source.sync()"),
    rule("log_recovery.cpp", "a torn tail is cut", "const auto cut = source.resize(at.bytes);", "const result<done_t> cut = done;"),
    rule("log_recovery.cpp", "what lies past the recovery point is written again", "write_again(source, found.synced_bytes, at.bytes)",
         NOT_SYNCED),
    rule("log_recovery.cpp", "nothing behind a gap is served", "torn = !*whole && !at->full;", "torn = false;"),
    rule("log_recovery.cpp", "a gap in front of a segment tells of a loss", "torn = torn || (!before_start", "torn = torn || (false && !before_start"),
    rule("log_recovery.cpp", "segments before the start are removed", "const bool before_start = base < entry.start;",
         "const bool before_start = false && base < entry.start;"),
    rule("log_recovery.cpp", "what was prepared for a next segment is removed", "else if (at.name == next_segment_file_name && !at.is_directory) {",
         "else if (false) {"),
    rule("journal_replay.cpp", "files that nobody claims are discarded", "was_synced(known) ? done : discard_unclaimed(directory, known);", "true || was_synced(known) ? done : discard_unclaimed(directory, known);"),
    rule("journal_replay.cpp", "a directory of an earlier generation is discarded", "if (**found == ours || is_unfinished_truncation) {",
         "if ((**found).uid == ours.uid || is_unfinished_truncation) {"),

    # Purge and truncation.
    rule("log_removal.cpp", "a purge is noted before files are moved",
         "if (const auto noted = data->logs->commit(changes); !noted) {\n                    return noted;\n                }\n                return data->discard(path, old.uid, old.generation);",
         "if (const auto gone = data->discard(path, old.uid, old.generation); !gone) {\n                    return gone;\n                }\n                return data->logs->commit(changes);"),
    rule("log_removal.cpp", "a purge begins a generation", "const log_identity old = identity;\n            identity.generation += 1;",
         "const log_identity old = identity;"),
    rule("log_removal.cpp", "a truncation begins a generation", "    }\n    if (outcome) {\n        identity.generation += 1;",
         "    }\n    if (outcome) {"),
    rule("log_removal.cpp", "what stays is synced before a truncation", "sync_through(written_position, [this, keep_before, end]",
         "sync_through(0, [this, keep_before, end]"),
    sync("log_removal.cpp", "of the offsets before a truncation", "[this] { return sync_offsets_file(); }", "sync_offsets_file()"),
    sync("log_removal.cpp", "of the offsets that a truncation lowered", "outcome = lowered ? sync_offsets_file() : lowered.error();",
         "sync_offsets_file()"),
    rule("log_removal.cpp", "the index of a truncated segment is removed", "const auto removed = shared.files->remove(index); !removed",
         "const result<done_t> removed = done; !removed"),
    sync("log_removal.cpp", "of the names after a truncation", "synced = sync_log_directory(*shared.files, path);",
         "sync_log_directory(*shared.files, path)"),
    sync("log_removal.cpp", "of a segment that was cut before", "const auto synced = (*opened)->sync();\n        return", "(*opened)->sync()"),
    sync("log_removal.cpp", "of a segment that is cut", "if (const auto synced = (*opened)->sync(); !synced) {", "(*opened)->sync()"),
    rule("log_removal.cpp", "the start is noted before old segments are removed", "return data->logs->commit({&change, 1});",
         "(void)change;\n            return done;"),
    rule("log_removal.cpp", "a truncation is noted before it is done", "outcome = shared.logs->commit({&intent, 1});", "(void)intent;"),

    # What is read.
    check("log_reader.cpp", "of a message that is polled", "if (!follows || !message.checksum_matches()) {", "if (!follows) {"),
    rule("log_reader.cpp", "polled offsets ascend", "if (!follows || !message.checksum_matches()) {", "if (!message.checksum_matches()) {"),
    rule("recent_reads.hpp", "a read goes on from the last one only where nothing was taken away since", "end.removals == removals",
         "end.removals != removals + 1"),
    check("log_index.cpp", "of a message that an index is rebuilt from", " && message.checksum_matches()", ""),
    check("sparse_index.cpp", "of an entry of the index", "load_le<std::uint64_t>(record, 24) != xxh3_64(record.first(24)) ||\n", ""),
    check("stored_offsets.cpp", "of a stored offset", "if (load_le<std::uint64_t>(slot, 56) != xxh3_64(slot.first(56))) {", "if (false) {"),
    rule("stored_offsets.cpp", "offsets of another log mean nothing", "load_le<std::uint64_t>(slot, 0) != identity.uid.raw() ||\n", ""),
    rule("stored_offsets.cpp", "offsets that a killed process left are written again", "slot_count_ > 0 && found == page_cache::unproven",
         "false"),
    check("segment_walk.cpp", "of a message that verify reads", "if (!message.checksum_matches()) {", "if (false) {"),

    # The calls below the disk and the queue.
    kernel("posix_file.cpp", "fdatasync of a file", "while (::fdatasync(fd_.get()) != 0) {", "while (false) {"),
    kernel("posix_disk.cpp", "fsync of a directory", "while (::fsync(fd.get()) != 0) {", "while (false) {"),
    sync("log_checkpoint.cpp", "of a segment", "run_sync([file = *opened] { return file->sync(); },", "file->sync()"),
    sync("forwarding_disk.hpp", "of a file that may draw on the reserve", "return below_->sync();", "below_->sync()"),
    sync("forwarding_disk.hpp", "of a directory beside the reserve", "return below_.sync_directory(path);", "below_.sync_directory(path)"),
    sync("log_checkpoint.cpp", "of a log's names before its first synced message", "return sync_log_directory(*files, path);",
         "sync_log_directory(*files, path)"),
    sync("verify_segment.cpp", "of an index that a check made anew", "written = sync_file(files_, index.path);",
         "sync_file(files_, index.path)"),

    # The catalog.
    catalog("catalog_open.cpp", "a change is on stable storage", ".durability = durability::synced", ".durability = durability::written"),
    catalog("catalog.cpp", "a change is logged before it is answered",
            "append_messages(std::move(messages),\n                    [this](const outcome& appended) { commands_appended(appended); });",
            "commands_appended(done);"),
    catalog("catalog.cpp", "logs are open before their command is logged", "        if (opened) {\n            append_commands();",
            "        if (true) {\n            append_commands();"),
    catalog("catalog.cpp", "what a failed command had created is removed", "owner_.drop_logs(new_logs_, [this, cause] {",
            "gone_logs_.clear();\n    owner_.drop_logs(new_logs_, [this, cause] {"),
    catalog("catalog.cpp", "a creation that may be durable is left alone", "if (new_logs_.empty() || read_only_) {", "if (new_logs_.empty()) {"),
    catalog("catalog.cpp", "after a failed sync no change is taken", "            read_only_ = appended.error();\n", ""),
    catalog("catalog.cpp", "a removal ends its round", "        if (removes_logs) {\n            return;\n        }\n", ""),
    catalog("catalog.cpp", "the snapshot before the last one stays", "log_->truncate_before(*previous, step_)",
            "log_->truncate_before(*snapshot_at_, step_)"),
    catalog("catalog.cpp", "what lies where new logs go is removed", "created.error().code != storage::errc::already_exists", "true"),
    catalog("catalog_open.cpp", "logs without a partition are removed", "missing.erase(log.uid) == 0 && is_partition_log(log)",
            "missing.erase(log.uid) == 0 && is_partition_log(log) && false"),
    catalog("catalog_open.cpp", "an empty catalog beside logs of partitions is refused",
            "if (std::ranges::any_of(logs, [this](const auto& log) { return is_partition_log(log); })) {", "if (false) {"),
    catalog("catalog_open.cpp", "a missing catalog beside logs of partitions is refused", "if (orphans > 0) {", "if (false) {"),
    catalog("catalog_open.cpp", "a catalog that is not complete is refused", "if (!records.complete()) {", "if (false) {"),
    catalog("catalog_open.cpp", "a damaged log is written anew", "        snapshot_due_at_ = 0;\n", ""),
    catalog("catalog_replay.cpp", "commands in the state already are passed over", " || record.sequence <= state_->sequence", ""),
    catalog("catalog_replay.cpp", "commands behind a loss are passed over", "lost_at_ || record.sequence <= state_->sequence",
            "record.sequence <= state_->sequence"),
    catalog("catalog_replay.cpp", "a snapshot from before the state is passed over", "if (sequence < newest_sequence_) {", "if (false) {"),
    catalog("catalog_replay.cpp", "parts of a snapshot follow one another", "collected_->next_index == record.index;", "true;"),
    catalog("catalog_replay.cpp", "parts of two snapshots are not mixed", "collected_->sequence == record.sequence &&", "true &&"),
    catalog("catalog_replay.cpp", "a gap in the numbers of commands is a loss", "!lost_at_ && commands_before > state_->sequence", "false"),
    catalog("catalog_replay.cpp", "a log that begins late needs a snapshot", "if (!from_the_first) {", "if (false) {"),
    catalog("catalog_replay.cpp", "an unreadable end may have held changes",
            "    if (!unproven_from_) {\n        unproven_from_ = at;\n    }\n", ""),
]
