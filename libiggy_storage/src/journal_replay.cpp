#include "journal_replay.hpp"

#include <algorithm>
#include <set>

#include "recovery_rules.hpp"

namespace iggy::storage {

namespace {

constexpr std::size_t open_files_max = 256;

/// Whether the log has these messages on stable storage, or does not want them any more.
bool is_settled(const log_entry& known, const journal_entry& entry) {
    if (entry.segment < known.start) {
        return true;
    }
    if (std::ranges::binary_search(known.sealed, entry.segment, {}, &segment_summary::base)) {
        return true;
    }
    const auto& point = known.recovered_to;
    return point && point->segment.base == entry.segment &&
           entry.position + std::uint64_t{entry.content.size()} <= point->segment.bytes;
}

/// Nobody says whose the files of a directory without an identity are: of a removed log of the same
/// path, from before a purge, or ours and never synced. What was acknowledged is in the journal, or
/// was synced with the identity.
result<done_t> discard_unclaimed(data_directory::state& directory, const log_entry& known) {
    const auto files = directory.files->list(known.path);
    if (!files) {
        return files.error().code == errc::not_found ? result<done_t>{done} : files.error();
    }
    const bool has_content = std::ranges::any_of(*files, is_content);
    return has_content ? directory.discard(known.path, known.uid, known.generation) : done;
}

}  // namespace

struct journal_replay::log {
    log_entry known;
    bool ready = false;  // the directory is there and its own
    std::map<message_offset, std::unique_ptr<cached_file>> segments;
    std::optional<stored_offsets> offsets;
};

journal_replay::journal_replay(data_directory::state& directory)
    : directory_{directory}, files_{*directory.files, open_files_max} {}
journal_replay::~journal_replay() = default;

result<bool> claim_directory(data_directory::state& directory, const log_entry& known) {
    const log_identity ours{known.uid, known.generation};
    const auto found = read_identity(*directory.files, known.path);
    if (!found) {
        return found.error();
    }
    if (!*found) {
        const auto gone = was_synced(known) ? done : discard_unclaimed(directory, known);
        return gone ? result<bool>{false} : gone.error();
    }
    const bool is_unfinished_truncation =
        (**found).uid == ours.uid && (**found).generation < ours.generation && known.truncation;
    if (**found == ours || is_unfinished_truncation) {
        if (directory.found == page_cache::unproven) {
            if (const auto again = write_identity(*directory.files, known.path, ours); !again) {
                return again.error();
            }
        }
        return true;
    }
    // Left behind by a removal or purge that was recorded but not finished.
    const auto gone = directory.discard(known.path, (**found).uid, (**found).generation);
    return gone ? result<bool>{false} : gone.error();
}

/// Null when the log is gone, or was purged or truncated since.
result<journal_replay::log*> journal_replay::find(const journal_entry& entry) {
    auto& found = logs_[entry.log.uid];
    if (!found) {
        auto known = directory_.logs->find(entry.log.uid);
        found = std::make_unique<log>();
        found->known = known ? std::move(*known) : log_entry{};
    }
    const bool current =
        found->known.uid == entry.log.uid && found->known.generation == entry.log.generation;
    return current ? found.get() : nullptr;
}

result<done_t> journal_replay::prepare(log& at) {
    if (at.ready) {
        return done;
    }
    const auto claimed = claim_directory(directory_, at.known);
    if (!claimed) {
        return claimed.error();
    }
    if (!*claimed) {
        const log_identity ours{at.known.uid, at.known.generation};
        if (const auto owned = write_identity(*directory_.files, at.known.path, ours); !owned) {
            return owned;
        }
    }
    at.ready = true;
    return done;
}

result<done_t> journal_replay::apply(const journal_entry& entry) {
    const auto found = find(entry);
    if (!found || *found == nullptr) {
        return found ? result<done_t>{done} : found.error();
    }
    log& at = **found;
    const bool is_messages = entry.what == journal_entry::kind::messages;
    if (is_messages && is_settled(at.known, entry)) {
        return done;
    }
    if (const auto ready = prepare(at); !ready) {
        return ready;
    }
    if (is_messages) {
        auto& target = at.segments[entry.segment];
        if (!target) {
            target = std::make_unique<cached_file>(
                files_, segment_file_path(at.known.path, entry.segment, messages_extension));
        }
        auto opened = target->get(open_mode::create);
        return opened ? (*opened)->write_at(entry.position, {&entry.content, 1}) : opened.error();
    }
    if (!at.offsets) {
        at.offsets.emplace(files_, at.known.path + '/' + std::string{offsets_file_name});
        const log_identity ours{at.known.uid, at.known.generation};
        if (const auto loaded = at.offsets->load(ours, directory_.found); !loaded) {
            return loaded;
        }
    }
    const offset_key key{entry.key};
    const auto stored = at.offsets->find(key);
    if (entry.what == journal_entry::kind::delete_offset) {
        return stored ? at.offsets->remove(key) : result<done_t>{done};
    }
    return stored == entry.at ? result<done_t>{done} : at.offsets->store(key, entry.at);
}

result<done_t> journal_replay::finish() {
    std::set<std::string, std::less<>> directories;
    for (const auto& [uid, at] : logs_) {
        if (!at->ready) {
            continue;
        }
        for (const auto& [base, target] : at->segments) {
            auto opened = target->get(open_mode::read_write);
            const auto synced = opened ? (*opened)->sync() : opened.error();
            if (!synced) {
                return synced;
            }
        }
        if (at->offsets) {
            const auto opened = at->offsets->opened();
            if (!opened) {
                return opened.error();
            }
            if (*opened != nullptr) {
                if (const auto synced = (*opened)->sync(); !synced) {
                    return synced;
                }
            }
        }
        directories.insert(at->known.path);
    }
    return sync_log_directories(*directory_.files, directories);
}

}  // namespace iggy::storage
