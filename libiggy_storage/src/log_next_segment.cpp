// The file of the next segment, made before it is needed.

#include "log_state.hpp"

namespace iggy::storage {

/// Has it made by a helper when the last segment is three quarters full, with room for all of it.
/// Where room is allocated while a file is written to, whoever writes waits for the disk's own
/// bookkeeping to be read. A hint: without it the segment is made when it is needed.
void engine_log::state::prepare_next_segment() {
    const bool is_settled = next_segment_asked || preparing_next_segment || next_segment;
    if (is_settled || failed || closing || held_back ||
        segments.back()->summary.bytes < segment_bytes / 4 * 3) {
        return;
    }
    next_segment_asked = preparing_next_segment = true;
    ++uses_in_flight;
    const auto room = std::make_shared<std::unique_ptr<room_ahead::share>>();
    auto work = [data = &shared, at = next_segment_path(path), bytes = segment_bytes,
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
    if (std::exchange(next_segment, nullptr)) {
        fresh.has_room =
            shared.files->rename(next_segment_path(path), fresh.messages.path()).has_value();
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
    if (segments.empty() || !segments.back()->has_room) {
        return;
    }
    segment& last = *segments.back();
    if (auto opened = last.messages.get(open_mode::read_write)) {
        last.has_room = !(*opened)->resize(last.written.bytes);
    }
}

}  // namespace iggy::storage
