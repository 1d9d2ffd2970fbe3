#include "manifest.hpp"

#include <algorithm>
#include <condition_variable>
#include <new>
#include <utility>

#include "directory_names.hpp"
#include "manifest_entries.hpp"
#include "manifest_format.hpp"
#include "manifest_reading.hpp"

namespace iggy::storage {

namespace {

namespace format = manifest_format;

/// Below this a manifest is never rewritten, and above only when little of it still counts.
constexpr std::uint64_t compact_bytes_min = std::uint64_t{1} << 20;
constexpr std::uint64_t compact_factor = 4;
constexpr std::size_t snapshot_group_bytes = std::size_t{1} << 20;
/// Space reserved ahead, so that segments can still be deleted when the disk is full.
constexpr std::uint64_t reserve_bytes = std::uint64_t{256} << 10;

/// Changes of one commit on their way to the file. Lives on the stack of its caller.
struct waiting_commit {
    std::span<const manifest_change> changes;
    std::string records;
    bool ended = false;
    result<done_t> outcome{errc::unknown};
};

using commit_list = std::vector<waiting_commit*>;

/// A whole file that gives `entries`. Errors: too_large.
result<std::string> encode_file(const manifest_entries& entries) {
    const auto header = format::encode_header();
    std::string bytes{as_text(header)};
    std::string records;
    std::uint32_t count = 0;
    for (const manifest_change& change : entries.changes()) {
        if (auto added = format::append_record(records, change); !added) {
            return added.error();
        }
        ++count;
        if (records.size() >= snapshot_group_bytes) {
            format::append_group(bytes, records, std::exchange(count, 0));
            records.clear();
        }
    }
    if (count != 0) {
        format::append_group(bytes, records, count);
    }
    if (bytes.size() > format::file_bytes_max) {
        return error{errc::too_large};
    }
    return bytes;
}

result<done_t> write_text(file& target, std::uint64_t position, std::string_view text) {
    const byte_view bytes = as_bytes(text);
    return target.write_at(position, {&bytes, 1});
}

}  // namespace

/// `file`, `size`, `compact_at`, `rewrite_first` and `failure` belong to the leader: the one caller
/// of commit that writes, for itself and for those who wait meanwhile. `mutex` guards the rest;
/// `entries` are changed by the leader under it, so the leader reads them without.
struct manifest::state {
    explicit state(storage::disk& where) noexcept : disk{where} {}

    storage::disk& disk;
    std::unique_ptr<storage::file> file;
    std::uint64_t size = 0;
    std::uint64_t reserved = 0;  // space is reserved up to here
    std::uint64_t compact_at = compact_bytes_min;
    bool rewrite_first = false;  // absent or damaged: the first commit writes all of it anew
    std::optional<error> failure;

    mutable std::mutex mutex;
    std::condition_variable turn;
    manifest_entries entries;
    log_uid next_reserved{1};
    commit_list waiting;
    bool led = false;

    result<bool> load(page_cache cached);
    result<done_t> commit(waiting_commit& mine);
    commit_list take_batch();
    void end_batch(const commit_list& batch, const result<done_t>& outcome) noexcept;
    result<done_t> try_make_durable(const commit_list& batch);
    result<done_t> make_durable(const commit_list& batch);
    result<done_t> append(std::string_view group);
    result<done_t> replace_file(const manifest_entries& now);
    result<std::unique_ptr<storage::file>> write_new_file(std::string_view bytes);
    void compact_if_worthwhile();
};

/// True when all was there.
result<bool> manifest::state::load(page_cache cached) {
    auto opened = disk.open(manifest_name, open_mode::read_write);
    if (!opened && opened.error().code == errc::not_found) {
        rewrite_first = true;
        return false;
    }
    if (!opened) {
        return opened.error();
    }
    file = std::move(*opened);
    auto reading = read_manifest(*file);
    if (!reading) {
        return reading.error();
    }
    if (reading->header == format::header_state::newer) {
        return error{errc::unsupported_version};
    }
    entries = std::move(reading->entries);
    rewrite_first = reading->damaged();
    size = reading->sound_bytes;
    reserved = size;
    if (!rewrite_first && size < reading->file_bytes) {
        // A torn tail must be gone before the next group makes it look like damage.
        if (auto cut = file->resize(size); !cut) {
            return cut.error();
        }
    }
    // What a killed process wrote and did not sync is acted upon from now on.
    if (cached == page_cache::unproven) {
        if (auto rewritten = write_again(*file, 0, size); !rewritten) {
            return rewritten.error();
        }
    }
    if (auto synced = file->sync(); !synced) {
        return synced.error();
    }
    return !rewrite_first;
}

result<done_t> manifest::state::commit(waiting_commit& mine) {
    std::unique_lock lock{mutex};
    waiting.push_back(&mine);
    turn.wait(lock, [&] { return mine.ended || !led; });
    if (!mine.ended) {
        led = true;
        while (!mine.ended) {
            const commit_list batch = take_batch();
            lock.unlock();
            const auto outcome = try_make_durable(batch);
            lock.lock();
            end_batch(batch, outcome);
        }
        lock.unlock();
        compact_if_worthwhile();
        lock.lock();
        led = false;
        turn.notify_all();
    }
    return mine.outcome;
}

/// As many of those who wait, in order, as fit into one group.
commit_list manifest::state::take_batch() {
    std::size_t bytes = 0;
    const auto end = std::find_if(waiting.begin(), waiting.end(), [&](const waiting_commit* one) {
        bytes += one->records.size();
        return bytes > format::group_records_bytes_max;
    });
    commit_list batch{waiting.begin(), end};
    waiting.erase(waiting.begin(), end);
    return batch;
}

/// Without memory to take note of what is on the disk the process cannot go on: noexcept.
void manifest::state::end_batch(const commit_list& batch, const result<done_t>& outcome) noexcept {
    for (waiting_commit* const one : batch) {
        if (outcome) {
            for (const manifest_change& change : one->changes) {
                entries.apply(change);
            }
        }
        one->outcome = outcome;
        one->ended = true;
    }
    turn.notify_all();
}

/// A leader must not leave by an exception: the others wait for it. Memory is asked for only before
/// the disk is.
result<done_t> manifest::state::try_make_durable(const commit_list& batch) {
    try {
        return make_durable(batch);
    } catch (const std::bad_alloc&) {
        return error{errc::memory_limit};
    }
}

result<done_t> manifest::state::make_durable(const commit_list& batch) {
    if (failure) {
        return *failure;
    }
    if (rewrite_first) {
        manifest_entries now = entries;
        for (const waiting_commit* const one : batch) {
            for (const manifest_change& change : one->changes) {
                now.apply(change);
            }
        }
        return replace_file(now);
    }
    std::string records;
    std::size_t count = 0;
    for (const waiting_commit* const one : batch) {
        records += one->records;
        count += one->changes.size();
    }
    std::string group;
    format::append_group(group, records, static_cast<std::uint32_t>(count));
    return append(group);
}

result<done_t> manifest::state::append(std::string_view group) {
    const std::uint64_t end = size + group.size();
    if (end > format::file_bytes_max) {
        return error{errc::too_large};
    }
    if (end > reserved) {
        // A hint: where it is refused, the write says what is wrong.
        static_cast<void>(file->allocate(reserved, end - reserved + reserve_bytes));
        reserved = end + reserve_bytes;
    }
    if (auto written = write_text(*file, size, group); !written) {
        if (written.error().code == errc::no_space && file->resize(size)) {
            reserved = size;
            return written;  // as if it had never been tried
        }
        failure = written.error();
        return written;
    }
    if (auto synced = file->sync(); !synced) {
        failure = synced.error();  // nobody knows what is on the disk now
        return synced;
    }
    size = end;
    return done;
}

/// Puts a file that gives `now` in the place of the present one.
result<done_t> manifest::state::replace_file(const manifest_entries& now) {
    const auto bytes = encode_file(now);
    if (!bytes) {
        return bytes.error();
    }
    auto made = write_new_file(*bytes);
    if (!made) {
        static_cast<void>(disk.remove(manifest_new_name));
        return made.error();
    }
    if (auto renamed = disk.rename(manifest_new_name, manifest_name); !renamed) {
        static_cast<void>(disk.remove(manifest_new_name));
        return renamed;
    }
    if (auto synced = disk.sync_directory(""); !synced) {
        failure = synced.error();  // either file may be there after a power cut
        return synced;
    }
    file = std::move(*made);
    size = bytes->size();
    reserved = size;
    compact_at = std::max(compact_bytes_min, compact_factor * size);
    rewrite_first = false;
    return done;
}

result<std::unique_ptr<file>> manifest::state::write_new_file(std::string_view bytes) {
    auto opened = disk.open(manifest_new_name, open_mode::create);
    if (!opened) {
        return opened;
    }
    storage::file& target = **opened;
    if (auto emptied = target.resize(0); !emptied) {
        return emptied.error();
    }
    if (auto written = write_text(target, 0, bytes); !written) {
        return written.error();
    }
    if (auto synced = target.sync(); !synced) {
        return synced.error();
    }
    return opened;
}

/// Rewrites a file that has grown well past what it says. What was committed is durable already, so
/// a failure here is nobody's: the file stays as it is.
void manifest::state::compact_if_worthwhile() {
    if (failure || rewrite_first || size <= compact_at) {
        return;
    }
    compact_at = size + size / 2;  // where to look again
    try {
        const auto live = encode_file(entries);
        if (live && size > compact_factor * live->size()) {
            static_cast<void>(replace_file(entries));
        }
    } catch (const std::bad_alloc&) {
        return;  // later, then
    }
}

manifest::manifest(std::unique_ptr<state> loaded) : state_{std::move(loaded)} {}
manifest::~manifest() = default;

result<manifest::opened> manifest::open(disk& disk, page_cache cached) {
    auto loaded = std::make_unique<state>(disk);
    const auto complete = loaded->load(cached);
    if (!complete) {
        return complete.error();
    }
    return opened{std::unique_ptr<manifest>{new manifest{std::move(loaded)}}, *complete};
}

result<done_t> manifest::commit(std::span<const manifest_change> changes) {
    if (changes.empty()) {
        return done;
    }
    waiting_commit mine;
    mine.changes = changes;
    for (const manifest_change& change : changes) {
        if (auto added = manifest_format::append_record(mine.records, change); !added) {
            return added;
        }
    }
    if (mine.records.size() > manifest_format::group_records_bytes_max) {
        return error{errc::too_large};
    }
    return state_->commit(mine);
}

std::vector<log_uid> manifest::reserve_uids(std::size_t count) {
    const std::lock_guard lock{state_->mutex};
    log_uid& next = state_->next_reserved;
    next = std::max(next, state_->entries.next_uid());
    std::vector<log_uid> uids;
    uids.reserve(count);
    for (; uids.size() < count; next = log_uid{next.raw() + 1}) {
        uids.push_back(next);
    }
    return uids;
}

void manifest::skip_uids(log_uid seen) {
    const std::lock_guard lock{state_->mutex};
    state_->next_reserved = std::max(state_->next_reserved, log_uid{seen.raw() + 1});
}

std::optional<log_entry> manifest::find(log_uid uid) const {
    const std::lock_guard lock{state_->mutex};
    const log_entry* const found = state_->entries.find(uid);
    return found == nullptr ? std::nullopt : std::optional{*found};
}

std::optional<log_entry> manifest::find(std::string_view path) const {
    const std::lock_guard lock{state_->mutex};
    const log_entry* const found = state_->entries.find(path);
    return found == nullptr ? std::nullopt : std::optional{*found};
}

bool manifest::has_inside(std::string_view path) const {
    const std::lock_guard lock{state_->mutex};
    return state_->entries.has_inside(path);
}

std::vector<log_entry> manifest::entries() const {
    const std::lock_guard lock{state_->mutex};
    std::vector<log_entry> all;
    all.reserve(state_->entries.all().size());
    for (const auto& [uid, log] : state_->entries.all()) {
        all.push_back(log);
    }
    return all;
}

}  // namespace iggy::storage
