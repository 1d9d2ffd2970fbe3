#include <iggy/storage/data_directory.hpp>

#include <algorithm>
#include <random>
#include <set>
#include <thread>

#include <fmt/format.h>

#include "data_directory_state.hpp"
#include "directory_names.hpp"
#include "final_sync_disk.hpp"
#include "format_stamp.hpp"
#include "io_queues.hpp"
#include "journal_replay.hpp"
#include "log_adoption.hpp"
#include "log_files.hpp"
#include "probe.hpp"
#include "worker_pool.hpp"

namespace iggy::storage {

namespace {

bool lies_inside(std::string_view inner, std::string_view outer) {
    return inner.size() > outer.size() && inner.starts_with(outer) && inner[outer.size()] == '/';
}

result<done_t> check(const store_options& options) {
    const bool sound = options.memory_bytes >= memory_bytes_min && options.segment_bytes > 0 &&
                       options.segment_bytes <= segment_bytes_max && options.flush_messages > 0 &&
                       options.flush_bytes > 0 &&
                       options.index_interval_bytes >= index_interval_bytes_min &&
                       options.index_interval_bytes <= index_interval_bytes_max &&
                       options.open_files_max >= 16 && options.unsynced_log_bytes > 0 &&
                       options.unsynced_total_bytes > 0 && journal::fits(options);
    return sound ? result<done_t>{done} : errc::invalid_argument;
}

/// Also where it is there already: an earlier sync of it may have failed.
result<directory_id> write_stamp(disk& files, file& stamp, const directory_id& id) {
    const std::string text = stamp_text(id);
    const byte_view part = as_bytes(text);
    if (const auto written = stamp.write_at(0, {&part, 1}); !written) {
        return written.error();
    }
    if (const auto synced = stamp.sync(); !synced) {
        return synced.error();
    }
    const auto named = files.sync_directory("");
    return named ? result<directory_id>{id} : named.error();
}

result<directory_id> make_stamp(disk& files) {
    auto opened = files.open(stamp_name, open_mode::create);
    if (!opened) {
        return opened.error();
    }
    directory_id id{};
    std::random_device random;
    std::ranges::generate(id, [&random] { return static_cast<std::byte>(random()); });
    return write_stamp(files, **opened, id);
}

/// Ours, or empty and then made ours; anything else is left as it is.
result<directory_id> check_stamp(disk& files) {
    auto opened = files.open(stamp_name, open_mode::read_write);
    if (opened) {
        const auto found = read_stamp(**opened);
        if (!found) {
            return found.error();
        }
        switch (found->state) {
            case stamp_state::ours:
                return write_stamp(files, **opened, found->id);
            case stamp_state::cut_short:
                return make_stamp(files);
            case stamp_state::newer:
                return errc::unsupported_version;
            case stamp_state::foreign:
                return errc::foreign_directory;
        }
    }
    if (opened.error().code != errc::not_found) {
        return opened.error();
    }
    const auto names = files.list("");
    if (!names) {
        return names.error();
    }
    if (!std::ranges::all_of(*names, [](const directory_entry& entry) {
            return entry.name == lock_name || is_others_name(entry.name);
        })) {
        return errc::foreign_directory;
    }
    return make_stamp(files);
}

/// The manifest was lost or damaged: takes in every log whose directory says who it is.
result<done_t> adopt_logs(disk& files, manifest& logs) {
    const auto found = find_logs(files);
    if (!found) {
        return found.error();
    }
    // Uids that only the lost part knew must not come again.
    constexpr std::uint64_t skipped = std::uint64_t{1} << 32;
    std::uint64_t seen = skipped;
    for (const found_log& log : *found) {
        seen = std::max(seen, log.identity.uid.raw() + skipped);
    }
    std::vector<manifest_change> changes = adopting_changes(*found, logs);
    logs.skip_uids(log_uid{seen});
    changes.emplace_back(manifest_record::uids{log_uid{seen + 1}});
    return logs.commit(changes);
}

}  // namespace

data_directory::data_directory(std::unique_ptr<state> inside) : state_{std::move(inside)} {}
data_directory::~data_directory() { state_->session->end(); }

result<std::shared_ptr<data_directory>> data_directory::open(const std::string& path,
                                                             store_options options) {
    auto files = open_disk(path);
    if (!files) {
        return files.error();
    }
    return open_with(std::move(*files), nullptr, std::move(options));
}

result<std::shared_ptr<data_directory>> data_directory::open(std::unique_ptr<disk> disk,
                                                             queue_factory make_queue,
                                                             store_options options) {
    return open_with(std::move(disk), std::move(make_queue), std::move(options));
}

result<std::shared_ptr<data_directory>> data_directory::open_with(std::unique_ptr<disk> files,
                                                                  queue_factory make_queue,
                                                                  store_options options) {
    if (const auto sound = check(options); !sound) {
        return sound.error();
    }
    auto inside = std::make_unique<state>();
    inside->options = std::move(options);
    inside->device = std::move(files);
    inside->files = make_final_sync_disk(*inside->device);
    inside->memory = std::make_unique<memory_budget>(inside->options.memory_bytes);
    auto lock = inside->files->lock(lock_name);
    if (!lock) {
        return lock.error();
    }
    inside->lock = std::move(*lock);
    const auto id = check_stamp(*inside->files);
    if (!id) {
        return id.error();
    }
    inside->reserve = std::make_unique<disk_reserve>(*inside->files, inside->options.reserve_bytes);
    inside->drawing_files = make_drawing_disk(*inside->files, *inside->reserve);
    if (make_queue) {
        inside->make_queue = std::move(make_queue);
        inside->io_description = "the caller's queues";
    } else {
        // Those that write back, one for each engine, are mostly asleep.
        inside->workers = std::make_unique<worker_pool>(worker_pool::default_threads +
                                                        std::thread::hardware_concurrency());
        const auto probed = probe_io(*inside->files);
        if (!probed) {
            return probed.error();
        }
        const bool wants_uring = inside->options.io != io_engine::portable;
        if (inside->options.io == io_engine::io_uring && !probed->has_io_uring) {
            return error{errc::no_io_uring, probed->sys_errno};
        }
        const bool has_uring = wants_uring && probed->has_io_uring;
        inside->io_description = has_uring ? "io_uring" : "portable";
        if (wants_uring && !has_uring) {
            inside->io_description += " (" + probed->reason + ")";
        }
        worker_pool& workers = *inside->workers;
        if (has_uring) {
            inside->make_queue = [&workers] { return make_uring_queue(workers); };
        } else {
            inside->make_queue = [&workers] { return make_thread_queue(workers); };
        }
    }
    const auto ending = read_session_ending(*inside->files);
    if (!ending) {
        return ending.error();
    }
    if (*ending != session_ending::in_order) {
        inside->found = page_cache::unproven;
    }
    auto logs = manifest::open(*inside->drawing_files, inside->found);
    if (!logs) {
        return logs.error();
    }
    inside->logs = std::move(logs->file);
    if (!logs->complete) {
        if (const auto adopted = adopt_logs(*inside->files, *inside->logs); !adopted) {
            return adopted.error();
        }
    }
    std::vector<log_uid> uids;
    for (const log_entry& entry : inside->logs->entries()) {
        uids.push_back(entry.uid);
    }
    auto session = session_marker::begin(*inside->drawing_files, uids);
    if (!session) {
        return session.error();
    }
    inside->session = std::move(*session);
    // Only now: a sync that fails in it must not be forgotten by the next start.
    if (const auto replayed = inside->open_journal(*id); !replayed) {
        return replayed.error();
    }
    inside->empty_trash();
    return std::shared_ptr<data_directory>{new data_directory{std::move(inside)}};
}

result<std::vector<log_uid>> data_directory::create_logs(std::span<const std::string> paths) {
    if (!has_room()) {
        return errc::no_space;
    }
    const std::lock_guard creating{state_->names_mutex};
    std::set<std::string_view> names;
    for (const std::string& path : paths) {
        if (!is_valid_log_path(path)) {
            return errc::invalid_argument;
        }
        if (!names.insert(path).second || state_->logs->find(path)) {
            return errc::already_exists;
        }
    }
    if (const auto apart = state_->check_apart(names); !apart) {
        return apart.error();
    }
    std::vector<log_uid> uids = state_->logs->reserve_uids(paths.size());
    std::vector<manifest_change> changes;
    changes.reserve(paths.size());
    for (std::size_t i = 0; i < paths.size(); ++i) {
        changes.emplace_back(manifest_record::create{uids[i], paths[i]});
        changes.emplace_back(manifest_record::point{uids[i], 0, {}});  // complete from offset 0 on
    }
    if (const auto noted = state_->logs->commit(changes); !noted) {
        return noted.error();
    }
    return uids;
}

/// No log lies inside another, or removing one would remove both.
result<done_t> data_directory::state::check_apart(const std::set<std::string_view>& names) const {
    const auto inside_known = [this](std::string_view path) {
        for (auto parent = parent_of(path); !parent.empty(); parent = parent_of(parent)) {
            if (logs->find(parent)) {
                return true;
            }
        }
        return false;
    };
    for (const std::string_view name : names) {
        const auto next = names.upper_bound(name);
        if (inside_known(name) || logs->has_inside(name) ||
            (next != names.end() && lies_inside(*next, name))) {
            return errc::invalid_argument;
        }
    }
    return done;
}

result<done_t> data_directory::remove_logs(std::span<const log_uid> uids) {
    std::vector<manifest_change> changes;
    std::vector<log_entry> entries;
    for (const log_uid uid : uids) {
        if (auto entry = state_->logs->find(uid)) {
            changes.emplace_back(manifest_record::remove{uid});
            entries.push_back(std::move(*entry));
        }
    }
    if (changes.empty()) {
        return done;
    }
    // The names stay taken until their directories are away.
    const std::lock_guard removing{state_->names_mutex};
    if (const auto noted = state_->logs->commit(changes); !noted) {
        return noted;
    }
    {
        const std::lock_guard counting{state_->counters_mutex};
        for (const log_uid uid : uids) {
            state_->counters.erase(uid);
            state_->session->settled(uid);
        }
    }
    for (const log_entry& entry : entries) {
        if (const auto moved = state_->discard(entry.path, entry.uid, entry.generation); !moved) {
            return moved;
        }
    }
    state_->empty_trash();
    return done;
}

/// What the last use kept in the journal goes to where it belongs first.
result<done_t> data_directory::state::open_journal(const directory_id& id) {
    auto left = found_journal::read(*files, id);
    if (!left) {
        return left.error();
    }
    if (const auto replayed = replay(*left); !replayed) {
        return replayed;
    }
    auto cleared = left->clear(found);
    if (!cleared) {
        return cleared.error();
    }
    journal = std::make_unique<storage::journal>(*files, id, options, std::move(*cleared));
    return done;
}

result<done_t> data_directory::state::replay(found_journal& left) {
    for (int tries = 1;; ++tries) {
        journal_replay replay{*this};
        const auto apply = [&replay](const journal_entry& entry) { return replay.apply(entry); };
        const auto replayed = left.replay(apply);
        if (replayed) {
            return replay.finish();
        }
        if (replayed.error().code != errc::no_space || tries == 3) {
            return replayed;
        }
        if (tries == 1) {
            give_back_rooms();
        } else {
            reserve->draw();
        }
    }
}

void data_directory::state::give_back_rooms() {
    empty_trash();
    for (const log_entry& entry : logs->entries()) {
        (void)files->remove(next_segment_path(entry.path));
    }
}

result<done_t> data_directory::state::discard(std::string_view path, log_uid uid,
                                              std::uint32_t generation) {
    if (const auto made = drawing_files->create_directories(trash_name); !made) {
        return made;
    }
    const auto number = trash_number.fetch_add(1);
    const std::string target =
        fmt::format("{}/{}-{}-{}", trash_name, uid.raw(), generation, number);
    if (const auto cleared = files->remove_tree(target); !cleared) {
        return cleared;
    }
    if (const auto moved = drawing_files->rename(path, target); !moved) {
        return moved.error().code == errc::not_found ? result<done_t>{done} : moved;
    }
    // Before anything new takes the path, or a power cut could bring the old files back under it.
    // If it takes them from the trash, so much the better.
    return files->sync_directory(parent_of(path));
}

void data_directory::state::empty_trash() {
    const auto names = files->list(trash_name);
    if (!names) {
        return;
    }
    for (const directory_entry& entry : *names) {
        // What cannot be removed now is tried again at the next start.
        (void)files->remove_tree(fmt::format("{}/{}", trash_name, entry.name));
    }
}

std::vector<log_name> data_directory::logs() const {
    std::vector<log_name> names;
    for (log_entry& entry : state_->logs->entries()) {
        names.push_back({entry.uid, std::move(entry.path)});
    }
    return names;
}

std::optional<log_uid> data_directory::find(std::string_view path) const {
    const auto entry = state_->logs->find(path);
    return entry ? std::optional{entry->uid} : std::nullopt;
}

std::shared_ptr<log_counters> data_directory::counters(log_uid uid) {
    const std::lock_guard counting{state_->counters_mutex};
    auto& known = state_->counters[uid];
    if (!known) {
        known = std::make_shared<log_counters>();
    }
    return known;
}

const store_options& data_directory::options() const noexcept { return state_->options; }
bool data_directory::has_room() const noexcept { return state_->reserve->is_whole(); }
bool data_directory::draw_reserve() { return state_->reserve->draw(); }
memory_budget& data_directory::memory() noexcept { return *state_->memory; }
std::string data_directory::io_engine_description() const { return state_->io_description; }

std::string data_directory::describe(const error& failure) const {
    const auto entry = failure.log.raw() == 0 ? std::nullopt : state_->logs->find(failure.log);
    const std::string path = state_->files->display_path(entry ? entry->path : std::string{});
    return fmt::format("{}: {}", path, storage::describe(failure));
}

}  // namespace iggy::storage
