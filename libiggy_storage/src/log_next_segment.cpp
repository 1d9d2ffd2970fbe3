// The file of the next segment, made before it is needed.

#include <algorithm>
#include <utility>

#include "log_state.hpp"

namespace iggy::storage {

/// What a segment holds until it ends, if the next one's file is there. Where blocks are allocated
/// while a file is written to, whoever writes waits for the disk's own bookkeeping to be read, so a
/// segment ends with its room: the first one, which has none, before its log is due for a recovery
/// point.
std::uint64_t engine_log::state::bytes_in_room(const segment& at) const {
    const std::uint64_t least = shared.options.unsynced_log_bytes / 2;
    return std::min(segment_bytes, std::max(at.room ? at.room->bytes() : 0, least));
}

/// So that what is reserved is in proportion to what the log holds.
std::uint64_t engine_log::state::next_segment_room() const {
    const segment& last = *segments.back();
    return std::min(segment_bytes, 2 * std::max(bytes_in_room(last), last.summary.bytes));
}

/// Has it made by a helper when the room of the last one is three quarters full. A hint: without it
/// the segment is made when it is needed.
void engine_log::state::prepare_next_segment() {
    const bool is_settled = next_segment_asked || preparing_next_segment || next_segment;
    if (is_settled || failed || closing || held_back ||
        segments.back()->summary.bytes < bytes_in_room(*segments.back()) / 4 * 3) {
        return;
    }
    next_segment_asked = preparing_next_segment = true;
    next_segment_refused = false;
    ++uses_in_flight;
    const auto room = std::make_shared<std::unique_ptr<room_ahead::share>>();
    auto work = [data = &shared, at = next_segment_path(path), bytes = next_segment_room(),
                 room]() -> result<done_t> {
        *room = data->ahead.take(bytes, data->files->free_bytes());
        if (*room == nullptr || !data->reserve->is_whole()) {
            return errc::no_space;
        }
        const auto made = data->files->open(at, open_mode::create);
        const auto allocated = made ? (*made)->allocate(0, bytes) : made.error();
        if (made && !allocated) {
            (void)data->files->remove(at);
        }
        return allocated;
    };
    owner->run(std::move(work),
               [this, room, generation = identity.generation](const result<done_t>& outcome) {
                   --uses_in_flight;
                   preparing_next_segment = false;
                   if (!outcome) {
                       next_segment_refused = true;
                       return;
                   }
                   next_segment = std::move(*room);
                   if (closing || identity.generation != generation) {
                       give_back_next_segment();
                   }
               });
}

/// Gives `fresh` the file that was prepared, if one was.
void engine_log::state::take_next_segment(segment& fresh) {
    next_segment_asked = false;
    auto prepared = std::exchange(next_segment, nullptr);
    if (prepared && shared.files->rename(next_segment_path(path), fresh.messages.path())) {
        fresh.room = std::move(prepared);
    }
}

/// Now and then: what a segment uses of its room need not be kept from other logs.
void engine_log::state::note_used_room() {
    if (!segments.empty() && segments.back()->room) {
        segments.back()->room->note_used(segments.back()->written.bytes);
    }
}

void engine_log::state::give_back_next_segment() {
    if (next_segment == nullptr) {
        return;
    }
    ++uses_in_flight;
    owner->run(
        [files = shared.files.get(), at = next_segment_path(path)] { return files->remove(at); },
        [this, room = std::shared_ptr{std::move(next_segment)}](const result<done_t>&) {
            --uses_in_flight;
        });
}

/// Frees what was reserved past the end of the last segment.
void engine_log::state::give_back_room() {
    if (segments.empty() || !segments.back()->room) {
        return;
    }
    segment& last = *segments.back();
    const auto opened = last.messages.get(open_mode::read_write);
    if (opened && (*opened)->resize(last.written.bytes)) {
        last.room.reset();
    }
}

}  // namespace iggy::storage
