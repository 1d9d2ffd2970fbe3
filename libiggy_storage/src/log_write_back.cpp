// What a recovery point is about to sync goes to the disk before, without haste.

#include <algorithm>
#include <memory>
#include <utility>

#include "log_state.hpp"
#include "pacing.hpp"

namespace iggy::storage {

namespace {

constexpr std::uint64_t piece_bytes = std::uint64_t{1} << 20;

/// On a helper thread. Each piece is waited for: where several are on their way at once, ext4
/// splits the room that was reserved into more extents than its inode holds, and whoever appends
/// waits while it allocates and discards the block that they need (docs/performance.md, A steady
/// load). `journal`: null where it has no entries of the log; of a failure it is to hear first, as
/// in run_sync.
result<done_t> write_back_in_pieces(file& target, std::uint64_t from, std::uint64_t to,
                                    journal* journal) {
    pacing pace;
    for (std::uint64_t at = from; at < to; at += piece_bytes) {
        const auto piece = [&] { return target.write_back(at, std::min(at + piece_bytes, to)); };
        if (const auto written = journal != nullptr ? journal->watch(piece) : piece(); !written) {
            return written;
        }
        pace.rest();
    }
    return done;
}

}  // namespace

/// Whether there is time for a write-back: where more comes in than it takes, a start would find
/// ever more to scan.
bool engine_log::state::has_time_to_write_back() const {
    return unsynced_bytes() < 2 * shared.options.unsynced_log_bytes &&
           shared.unsynced_bytes.load(std::memory_order_relaxed) <=
               shared.options.unsynced_total_bytes;
}

/// The segment that the next sync is for; null where it is written to and no room was allocated
/// before, as each piece would look for free blocks anew, for which appends have to wait.
std::shared_ptr<segment> engine_log::state::to_write_back() const {
    const auto dirty =
        std::ranges::find_if(segments, [](const auto& at) { return at->is_dirty(); });
    const bool is_free_of_waits =
        dirty != segments.end() && ((*dirty)->is_within_room() || (*dirty)->full);
    return is_free_of_waits ? *dirty : nullptr;
}

/// Makes a recovery point after a write-back, for which logs of one engine stand in line: those
/// that fill at the same rate are due at the same time, and all at once would keep every processor
/// busy.
void engine_log::state::request_checkpoint() {
    if (failed || closing) {
        return;
    }
    const bool has_time = has_time_to_write_back();
    if (checkpoint_queued) {
        if (!has_time && leave_line()) {
            enter_checkpoint();
        }
        return;
    }
    checkpoint_queued = true;
    if (has_time && to_write_back() != nullptr) {
        in_line = true;
        owner->write_backs.push_back(this);
        owner->start_write_back();
    } else {
        enter_checkpoint();
    }
}

/// One at a time for each engine.
void engine::state::start_write_back() {
    while (!writing_back && !write_backs.empty()) {
        engine_log::state* const log = write_backs.front();
        log->leave_line();
        log->write_back();
    }
}

/// False when the log was not in it.
bool engine_log::state::leave_line() {
    if (in_line) {
        std::erase(owner->write_backs, this);
    }
    return std::exchange(in_line, false);
}

/// Through a file opened anew, as the kernel tells each opened file of a failure once, and the one
/// that a sync uses, which stays open meanwhile, is to hear of it too.
void engine_log::state::write_back() {
    const std::shared_ptr<segment> target = to_write_back();
    auto opened = target && target->messages.get(open_mode::create)
                      ? shared.files->open(target->messages.path(), open_mode::read)
                      : result<std::unique_ptr<file>>{errc::not_found};
    if (!opened) {
        enter_checkpoint();  // which tells why the file cannot be opened
        return;
    }
    owner->writing_back = true;
    ++uses_in_flight;
    target->messages.pin();
    auto work = [file = std::shared_ptr<file>{std::move(*opened)}, from = target->synced_bytes,
                 to = target->written.bytes,
                 journal = level == durability::synced ? shared.journal.get() : nullptr] {
        return write_back_in_pieces(*file, from, to, journal);
    };
    owner->run(std::move(work), [this, target](const result<done_t>& outcome) {
        engine::state& here = *owner;
        target->messages.unpin();
        --uses_in_flight;
        here.writing_back = false;
        if (!outcome && std::ranges::find(segments, target) != segments.end()) {
            fail_sync(located(outcome.error(), *target));
        }
        if (failed || closing) {
            checkpoint_queued = false;
        } else {
            enter_checkpoint();
        }
        here.start_write_back();
    });
}

void engine_log::state::enter_checkpoint() {
    enter([this] {
        checkpoint([this](result<done_t> outcome) {
            checkpoint_queued = false;
            if (outcome) {
                checkpoint_when_due();  // for what became full meanwhile
            }
            leave();
        });
    });
}

}  // namespace iggy::storage
