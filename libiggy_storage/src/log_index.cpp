// The indexes of a log in memory: loaded when they are needed, charged to the memory limit.

#include <algorithm>

#include "log_state.hpp"
#include "segment_scanner.hpp"

namespace iggy::storage {

void engine_log::state::charge_index(segment& of) {
    const std::uint64_t now = of.index.memory_bytes();
    if (now > of.index_charged) {
        shared.memory->take(now - of.index_charged);
    } else {
        shared.memory->give_back(of.index_charged - now);
    }
    of.index_charged = now;
}

void engine_log::state::cut_index(segment& of, std::uint64_t position) {
    of.index.cut(static_cast<std::uint32_t>(position));
    of.index_persisted = std::min(of.index_persisted, of.index.entries().size());
}

void engine_log::state::adopt_index(segment& of, sparse_index index) {
    of.index = std::move(index);
    of.index_persisted = of.index.entries().size();
    of.index_loaded = true;
    charge_index(of);
}

result<sparse_index> load_or_rebuild_index(disk& disk, std::string_view directory,
                                           const log_identity& identity,
                                           const segment_summary& summary, std::uint32_t interval) {
    const std::string path = segment_file_path(directory, summary.base, index_extension);
    auto stored = read_index(disk, path, {identity, summary.base}, summary.bytes);
    if (stored && !stored->entries().empty() &&
        stored->entries().back().position == summary.bytes &&
        stored->entries().back().messages_before == summary.messages) {
        return stored;
    }
    auto opened =
        disk.open(segment_file_path(directory, summary.base, messages_extension), open_mode::read);
    if (!opened) {
        return opened.error();
    }
    sparse_index rebuilt;
    segment_scanner scanner{**opened, 0, summary.bytes};
    std::uint64_t at = 0;
    std::uint64_t indexed = 0;
    std::uint32_t messages = 0;
    timestamp newest{};
    for (;;) {
        const auto found = scanner.next();
        if (!found) {
            return found.error();
        }
        if (!*found) {
            break;
        }
        const message_view& message = **found;
        const bool sound =
            rebuilt.entries().empty() ||
            (message.offset() > rebuilt.entries().back().offset && message.timestamp() >= newest);
        if (rebuilt.entries().empty() ||
            (at >= indexed + interval && sound && message.checksum_matches())) {
            rebuilt.push({message.offset(), static_cast<std::uint32_t>(at), messages, newest});
            indexed = at;
        }
        newest = std::max(newest, message.timestamp());
        messages += 1;
        at = scanner.position();
    }
    if (at == summary.bytes) {
        rebuilt.push({summary.last.next(), static_cast<std::uint32_t>(at), messages, newest});
    }
    // A cache: the next start makes it anew when it cannot be written.
    (void)write_index(disk, path, {identity, summary.base}, rebuilt, 0);
    return rebuilt;
}

result<done_t> engine_log::state::load_index(segment& of) {
    if (of.index_loaded) {
        return done;
    }
    auto loaded = load_or_rebuild_index(*shared.files, path, identity, of.summary,
                                        shared.options.index_interval_bytes);
    if (!loaded) {
        return located(loaded.error(), of);
    }
    adopt_index(of, std::move(*loaded));
    return done;
}

void engine_log::state::forget_cold_indexes(std::uint64_t now, bool short_of_memory) {
    const std::uint64_t idle_ticks_max = short_of_memory ? 2 : 60;
    for (const auto& at : segments) {
        if (at->sealed && at->index_loaded && at->index_persisted == at->index.entries().size() &&
            at->last_used + idle_ticks_max < now) {
            at->index = {};
            at->index_loaded = false;
            at->index_persisted = 0;
            charge_index(*at);
        }
    }
}

void engine_log::state::note_segments() {
    counters->segments.store(segments.size(), std::memory_order_relaxed);
}

void engine_log::state::count_messages() {
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;
    for (const auto& at : segments) {
        messages += at->summary.messages;
        bytes += at->summary.bytes;
    }
    counters->messages.store(messages, std::memory_order_relaxed);
    counters->bytes.store(bytes, std::memory_order_relaxed);
}

error engine_log::state::located(error failure, const segment& at) const {
    failure.log = uid;
    failure.segment = at.base();
    return failure;
}

}  // namespace iggy::storage
