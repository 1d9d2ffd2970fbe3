#include "crashing_file.hpp"

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <utility>

using namespace iggy;
using namespace iggy::storage;

namespace {

/// Some of `bytes` at `position`, up to a sector's end.
std::uint64_t whole_sectors(std::uint64_t position, std::uint64_t bytes, seeded_random& random) {
    const std::uint64_t end = position + random.below(bytes + 1);
    return std::max(position, end / pending_content::sector_bytes * pending_content::sector_bytes) -
           position;
}

}  // namespace

crashing_file::crashing_file(std::shared_ptr<crashing_disk::state> disk, disk_node_ptr node,
                             std::string_view path, bool writable)
    : disk_{std::move(disk)},
      node_{std::move(node)},
      path_{path},
      process_{disk_->process},
      writable_{writable} {}

result<std::size_t> crashing_file::read_at(std::uint64_t position, byte_span into) {
    return disk_->run(process_, disk_call::read, path_,
                      [&]() -> result<std::size_t> { return node_->content.read(position, into); });
}

result<std::size_t> crashing_file::try_read_at(std::uint64_t position, byte_span into) {
    return disk_->run(process_, disk_call::read, path_, [&]() -> result<std::size_t> {
        if (disk_->calls.chance(10)) {
            return error{errc::would_block};
        }
        if (!into.empty() && disk_->calls.chance(10)) {
            into = into.first(1 + disk_->calls.below(into.size()));
        }
        return node_->content.read(position, into);
    });
}

/// Writes the first `bytes` of the parts; the position reached.
std::uint64_t crashing_file::write_some(std::uint64_t position, std::span<const byte_view> parts,
                                        std::uint64_t bytes) {
    for (byte_view part : parts) {
        part = part.first(static_cast<std::size_t>(std::min<std::uint64_t>(part.size(), bytes)));
        node_->content.write(position, part);
        position += part.size();
        bytes -= part.size();
    }
    return position;
}

result<done_t> crashing_file::write_at(std::uint64_t position, std::span<const byte_view> parts) {
    const std::lock_guard lock{disk_->mutex};
    const verdict what = disk_->begin(process_, disk_call::write, path_);
    if (what.is_dead) {
        return power_is_off;
    }
    if (!writable_) {
        return error{errc::io, EBADF, position};
    }
    std::uint64_t bytes = 0;
    for (const byte_view part : parts) {
        bytes += part.size();
    }
    std::uint64_t reached = bytes;
    if (what.stops) {
        reached =
            disk_->crashes.chance(50) ? bytes : whole_sectors(position, bytes, disk_->crashes);
    } else if (what.refused) {
        reached = whole_sectors(position, bytes, disk_->calls);
    } else if (disk_->bytes_max) {
        const std::uint64_t had = std::max(node_->content.size(), node_->reserved);
        const std::uint64_t room = disk_->room();
        const std::uint64_t end = room > UINT64_MAX - had ? UINT64_MAX : had + room;
        reached = std::min(bytes, end - std::min(end, position));
    }
    const std::uint64_t end = write_some(position, parts, reached);
    if (what.stops) {
        disk_->stop(disk_->stop_plan->second);
        return power_is_off;
    }
    if (what.refused) {
        error failure = *what.refused;
        failure.position = end;
        return failure;
    }
    if (reached < bytes) {
        disk_->failed = true;
        return error{errc::no_space, ENOSPC, end};
    }
    return done;
}

result<done_t> crashing_file::sync() {
    const auto synced = [&]() -> result<done_t> {
        node_->content.sync();
        return done;
    };
    return disk_->run(process_, disk_call::sync, path_, synced,
                      [&](const error&) { node_->content.fail_sync(); });
}

result<done_t> crashing_file::allocate(std::uint64_t position, std::uint64_t length) {
    return disk_->run(process_, disk_call::allocate, path_, [&]() -> result<done_t> {
        const std::uint64_t had = std::max(node_->content.size(), node_->reserved);
        const std::uint64_t end = position + length;
        if (end > had && end - had > disk_->room()) {
            disk_->failed = true;
            return error{errc::no_space, ENOSPC, position};
        }
        node_->reserved = std::max(node_->reserved, end);
        return done;
    });
}

result<done_t> crashing_file::resize(std::uint64_t size) {
    return disk_->run(process_, disk_call::resize, path_, [&]() -> result<done_t> {
        if (!writable_) {
            return error{errc::io, EINVAL};
        }
        node_->content.resize(size);
        node_->reserved = 0;
        return done;
    });
}

result<std::uint64_t> crashing_file::size() {
    return disk_->run(process_, disk_call::size, path_,
                      [&]() -> result<std::uint64_t> { return node_->content.size(); });
}
