#include "session_marker.hpp"

#include <fmt/format.h>

namespace iggy::storage {

namespace {

constexpr std::string_view marker_name = "iggy.session";
constexpr std::string_view first_line = "in use since boot ";
constexpr std::string_view memory_line = "memory\n";
constexpr std::size_t marker_bytes_max = 256;

std::string text_of(std::string_view boot, bool memory_level) {
    return fmt::format("{}{}\n{}", first_line, boot, memory_level ? memory_line : "");
}

}  // namespace

result<session_ending> read_session_ending(disk& files) {
    auto opened = files.open(marker_name, open_mode::read);
    if (!opened) {
        if (opened.error().code == errc::not_found) {
            return session_ending::in_order;
        }
        return opened.error();
    }
    std::string text(marker_bytes_max, '\0');
    const auto got = (*opened)->read_at(0, std::as_writable_bytes(std::span{text}));
    if (!got) {
        return got.error();
    }
    text.resize(*got);
    const std::string boot = files.boot_id();
    if (!boot.empty() && text == text_of(boot, false)) {
        return session_ending::killed;
    }
    if (!boot.empty() && text == text_of(boot, true)) {
        return session_ending::killed_memory;
    }
    return session_ending::machine_restarted;
}

result<std::unique_ptr<session_marker>> session_marker::begin(disk& files,
                                                              std::span<const log_uid> logs) {
    std::unique_ptr<session_marker> begun{new session_marker{files, files.boot_id()}};
    session_marker& marker = *begun;
    marker.first_boot_ = marker.boot_;
    const auto ending = read_session_ending(files);
    if (!ending) {
        return ending.error();
    }
    if (*ending == session_ending::in_order) {
        if (const auto written = marker.write(false); !written) {
            return written.error();
        }
        return begun;
    }
    marker.memory_level_ = marker.may_have_lost_offsets_ = *ending != session_ending::killed;
    if (*ending == session_ending::machine_restarted) {
        // Another boot, a file that a power cut tore, or a disk that cannot tell.
        marker.first_boot_ = "unknown";
    }
    // Also where it stays as it is: nobody knows whether it was ever synced.
    if (const auto written = marker.write(marker.memory_level_); !written) {
        return written.error();
    }
    marker.unsettled_.insert(logs.begin(), logs.end());
    return begun;
}

bool session_marker::may_have_lost_offsets(durability level) const noexcept {
    return may_have_lost_offsets_ && level != durability::synced;
}

result<done_t> session_marker::write(bool memory_level) {
    auto opened = files_.open(marker_name, open_mode::create);
    if (!opened) {
        return opened.error();
    }
    const std::string text = text_of(first_boot_, memory_level);
    const byte_view bytes = as_bytes(text);
    if (const auto cut = (*opened)->resize(0); !cut) {
        return cut;
    }
    if (const auto written = (*opened)->write_at(0, {&bytes, 1}); !written) {
        return written;
    }
    // Not for the text, which names no later boot whatever a power cut leaves of it: file systems
    // without a journal lose a new file that was not synced, its name and all.
    if (const auto synced = (*opened)->sync(); !synced) {
        return synced;
    }
    memory_level_ = memory_level;
    return files_.sync_directory("");
}

result<done_t> session_marker::opened(log_uid uid, durability level) {
    const std::lock_guard lock{mutex_};
    if (level == durability::memory && !memory_level_) {
        if (const auto written = write(true); !written) {
            return written;
        }
    }
    unsettled_.insert(uid);
    return done;
}

void session_marker::settled(log_uid uid) {
    const std::lock_guard lock{mutex_};
    unsettled_.erase(uid);
}

void session_marker::end() {
    const std::lock_guard lock{mutex_};
    if (unsettled_.empty() && files_.remove(marker_name)) {
        (void)files_.sync_directory("");  // else the next start takes the use for a longer one
    }
}

}  // namespace iggy::storage
