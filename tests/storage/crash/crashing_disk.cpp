#include "crashing_disk.hpp"

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "disk_path.hpp"
#include "name_tree.hpp"
#include "seeded_random.hpp"

using namespace iggy;
using namespace iggy::storage;

namespace {

/// What is to become of a call.
struct verdict {
    std::optional<error>
        refused;           ///< fails, except for what a failed call of its kind leaves behind
    bool is_dead = false;  ///< the process was stopped before: nothing happens
    bool stops = false;    ///< the process stops inside the call
};

const error power_is_off{errc::io, EIO};

const char* name_of(disk_call call) {
    constexpr const char* names[] = {"open",        "create",         "read",
                                     "write",       "sync",           "allocate",
                                     "resize",      "size",           "create_directories",
                                     "list",        "rename",         "remove",
                                     "remove_tree", "sync_directory", "lock"};
    return names[static_cast<std::size_t>(call)];
}

}  // namespace

struct crashing_disk::state {
    explicit state(std::uint64_t seed) : calls{seed ^ 0x5bd1e995U}, crashes{seed} {}

    std::recursive_mutex mutex;  // a lock that is given back inside a call takes it again
    name_tree names;
    std::set<std::string, std::less<>> locked;
    std::uint64_t process = 0;
    std::uint64_t steps = 0;
    std::uint64_t power_cuts = 0;
    bool stopped = true;  // until the first mount
    std::optional<stop_kind> last_stop;
    std::optional<std::pair<std::uint64_t, stop_kind>> stop_plan;
    std::optional<disk_failure> failure;
    bool failed = false;
    std::optional<std::uint64_t> bytes_max;
    std::function<void(std::string_view)> listener;
    seeded_random calls;    // what a single call leaves to chance
    seeded_random crashes;  // what a stop leaves to chance

    verdict begin(std::uint64_t of, disk_call call, std::string_view path);
    void stop(stop_kind how);
    std::optional<error> planned_failure(disk_call call);
    std::uint64_t room() const;

    /// A call that either happens or does not. `happen` gives its result.
    template <class Happen>
    auto run(std::uint64_t of, disk_call call, std::string_view path, Happen happen)
        -> decltype(happen()) {
        const std::lock_guard lock{mutex};
        const verdict what = begin(of, call, path);
        if (what.is_dead) {
            return power_is_off;
        }
        if (what.refused && !what.stops) {
            return *what.refused;
        }
        if (!what.stops) {
            return happen();
        }
        if (!what.refused && crashes.chance(50)) {
            static_cast<void>(happen());
        }
        stop(stop_plan->second);
        return power_is_off;
    }
};

verdict crashing_disk::state::begin(std::uint64_t of, disk_call call, std::string_view path) {
    verdict what;
    if (stopped || of != process) {
        what.is_dead = true;
        return what;
    }
    what.stops = stop_plan && stop_plan->first <= steps;
    ++steps;
    what.refused = planned_failure(call);
    failed = failed || what.refused.has_value();
    if (listener) {
        listener(fmt::format("{:>8} {} {}{}{}", steps - 1, name_of(call), path,
                             what.refused ? " FAILS" : "", what.stops ? " STOPS" : ""));
    }
    return what;
}

std::optional<error> crashing_disk::state::planned_failure(disk_call call) {
    if (!failure) {
        return std::nullopt;
    }
    const auto& kinds = failure->kinds;
    if (!kinds.empty() && std::ranges::find(kinds, call) == kinds.end()) {
        return std::nullopt;
    }
    if (failure->skipped > 0) {
        --failure->skipped;
        return std::nullopt;
    }
    const error with = failure->with;
    if (!failure->stays) {
        failure.reset();
    }
    return with;
}

void crashing_disk::state::stop(stop_kind how) {
    stopped = true;
    last_stop = how;
    locked.clear();
    if (how == stop_kind::power_cut) {
        ++power_cuts;
        names.cut_power(crashes);
    }
}

std::uint64_t crashing_disk::state::room() const {
    if (!bytes_max) {
        return UINT64_MAX;
    }
    return *bytes_max - std::min(*bytes_max, names.used_bytes());
}

namespace {

class crashing_file final : public file {
public:
    crashing_file(std::shared_ptr<crashing_disk::state> disk, disk_node_ptr node,
                  std::string_view path, bool writable)
        : disk_{std::move(disk)},
          node_{std::move(node)},
          path_{path},
          process_{disk_->process},
          writable_{writable} {}

    result<std::size_t> read_at(std::uint64_t position, byte_span into) override {
        return disk_->run(process_, disk_call::read, path_, [&]() -> result<std::size_t> {
            return node_->content.read(position, into);
        });
    }

    /// Now and then what is asked for is not in the page cache, or only its first part.
    result<std::size_t> try_read_at(std::uint64_t position, byte_span into) override {
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

    result<done_t> write_at(std::uint64_t position, std::span<const byte_view> parts) override;

    result<done_t> sync() override {
        const std::lock_guard lock{disk_->mutex};
        const verdict what = disk_->begin(process_, disk_call::sync, path_);
        if (what.is_dead) {
            return power_is_off;
        }
        if (what.refused) {
            node_->content.fail_sync();
        } else if (!what.stops || disk_->crashes.chance(50)) {
            node_->content.sync();
        }
        if (what.stops) {
            disk_->stop(disk_->stop_plan->second);
            return power_is_off;
        }
        return what.refused ? result<done_t>{*what.refused} : done;
    }

    result<done_t> allocate(std::uint64_t position, std::uint64_t length) override {
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

    result<done_t> resize(std::uint64_t size) override {
        return disk_->run(process_, disk_call::resize, path_, [&]() -> result<done_t> {
            if (!writable_) {
                return error{errc::io, EINVAL};
            }
            node_->content.resize(size);
            node_->reserved = 0;
            return done;
        });
    }

    result<std::uint64_t> size() override {
        return disk_->run(process_, disk_call::size, path_,
                          [&]() -> result<std::uint64_t> { return node_->content.size(); });
    }

    int descriptor() const noexcept override { return -1; }

private:
    std::uint64_t write_some(std::uint64_t position, std::span<const byte_view> parts,
                             std::uint64_t bytes);

    std::shared_ptr<crashing_disk::state> disk_;
    disk_node_ptr node_;
    std::string path_;  // as it was opened
    std::uint64_t process_;
    bool writable_;
};

/// Some of `bytes` at `position`, up to a sector's end.
std::uint64_t whole_sectors(std::uint64_t position, std::uint64_t bytes, seeded_random& random) {
    const std::uint64_t end = position + random.below(bytes + 1);
    return std::max(position, end / pending_content::sector_bytes * pending_content::sector_bytes) -
           position;
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

class crashing_lock final : public directory_lock {
public:
    crashing_lock(std::shared_ptr<crashing_disk::state> disk, std::string path)
        : disk_{std::move(disk)}, path_{std::move(path)}, process_{disk_->process} {}
    ~crashing_lock() override {
        const std::lock_guard lock{disk_->mutex};
        if (process_ == disk_->process) {
            disk_->locked.erase(path_);
        }
    }

private:
    std::shared_ptr<crashing_disk::state> disk_;
    std::string path_;
    std::uint64_t process_;
};

/// The disk of one process.
class mounted_disk final : public disk {
public:
    explicit mounted_disk(std::shared_ptr<crashing_disk::state> on)
        : on_{std::move(on)}, process_{on_->process} {}

    result<std::unique_ptr<file>> open(std::string_view path, open_mode mode) override;
    result<done_t> create_directories(std::string_view path) override;
    result<std::vector<directory_entry>> list(std::string_view path) override;
    result<done_t> rename(std::string_view from, std::string_view to) override;
    result<done_t> remove(std::string_view path) override;
    result<done_t> remove_tree(std::string_view path) override;
    result<done_t> sync_directory(std::string_view path) override;
    result<std::unique_ptr<directory_lock>> lock(std::string_view path) override;
    std::string boot_id() const override {
        const std::lock_guard lock{on_->mutex};
        return fmt::format("boot {}", on_->power_cuts);
    }
    std::string display_path(std::string_view path) const override {
        return "crashing:/" + std::string{path};
    }

private:
    result<disk_node_ptr> find_or_create(std::string_view path, open_mode mode);
    void remove_below(const disk_node_ptr& directory);

    std::shared_ptr<crashing_disk::state> on_;
    std::uint64_t process_;
};

result<disk_node_ptr> mounted_disk::find_or_create(std::string_view path, open_mode mode) {
    name_tree& names = on_->names;
    if (disk_node_ptr found = names.find(path)) {
        return found->is_directory ? result<disk_node_ptr>{error{errc::io, EISDIR}} : found;
    }
    const disk_node_ptr parent = names.parent_of(path);
    if (mode != open_mode::create || parent == nullptr) {
        return error{errc::not_found, ENOENT};
    }
    if (on_->room() == 0) {
        on_->failed = true;
        return error{errc::no_space, ENOSPC};
    }
    auto made = std::make_shared<disk_node>();
    names.change({{parent, std::string{name_tree::last_name(path)}, made}});
    return made;
}

result<std::unique_ptr<file>> mounted_disk::open(std::string_view path, open_mode mode) {
    if (auto checked = check_path(path); !checked) {
        return checked.error();
    }
    const bool creates = mode == open_mode::create && [&] {
        const std::lock_guard lock{on_->mutex};
        return on_->names.find(path) == nullptr;
    }();
    return on_->run(process_, creates ? disk_call::create : disk_call::open, path,
                    [&]() -> result<std::unique_ptr<file>> {
                        auto node = find_or_create(path, mode);
                        if (!node) {
                            return node.error();
                        }
                        return std::make_unique<crashing_file>(on_, std::move(*node), path,
                                                               mode != open_mode::read);
                    });
}

result<done_t> mounted_disk::create_directories(std::string_view path) {
    if (auto checked = check_directory_path(path); !checked) {
        return checked;
    }
    return on_->run(process_, disk_call::create_directories, path, [&]() -> result<done_t> {
        std::size_t end = 0;
        while (end < path.size()) {
            end = std::min(path.find('/', end + 1), path.size());
            const std::string_view directory = path.substr(0, end);
            if (const auto found = on_->names.find(directory)) {
                if (!found->is_directory) {
                    return error{errc::io, ENOTDIR};
                }
                continue;
            }
            auto made = std::make_shared<disk_node>();
            made->is_directory = true;
            on_->names.change({{on_->names.parent_of(directory),
                                std::string{name_tree::last_name(directory)}, made}});
        }
        return done;
    });
}

result<std::vector<directory_entry>> mounted_disk::list(std::string_view path) {
    if (auto checked = check_directory_path(path); !checked) {
        return checked.error();
    }
    return on_->run(process_, disk_call::list, path, [&]() -> result<std::vector<directory_entry>> {
        const auto directory = on_->names.find(path);
        if (directory == nullptr || !directory->is_directory) {
            return error{errc::not_found, ENOENT};
        }
        std::vector<directory_entry> entries;
        for (const auto& [name, node] : directory->visible) {
            entries.push_back({name, node->is_directory, node->content.size()});
        }
        return entries;
    });
}

result<done_t> mounted_disk::rename(std::string_view from, std::string_view to) {
    for (const std::string_view path : {from, to}) {
        if (auto checked = check_path(path); !checked) {
            return checked;
        }
    }
    return on_->run(process_, disk_call::rename, from, [&]() -> result<done_t> {
        const auto node = on_->names.find(from);
        const auto target = on_->names.parent_of(to);
        if (node == nullptr || target == nullptr) {
            return error{errc::not_found, ENOENT};
        }
        if (from == to) {
            return done;
        }
        if (to.starts_with(from) && to[from.size()] == '/') {
            return error{errc::io, EINVAL};  // into itself
        }
        if (const auto replaced = on_->names.find(to)) {
            if (replaced->is_directory != node->is_directory) {
                return error{errc::io, node->is_directory ? ENOTDIR : EISDIR};
            }
            if (!replaced->visible.empty()) {
                return error{errc::io, ENOTEMPTY};
            }
        }
        on_->names.change(
            {{on_->names.parent_of(from), std::string{name_tree::last_name(from)}, nullptr},
             {target, std::string{name_tree::last_name(to)}, node}});
        return done;
    });
}

result<done_t> mounted_disk::remove(std::string_view path) {
    if (auto checked = check_path(path); !checked) {
        return checked;
    }
    return on_->run(process_, disk_call::remove, path, [&]() -> result<done_t> {
        const auto node = on_->names.find(path);
        if (node == nullptr) {
            return done;
        }
        if (node->is_directory) {
            return error{errc::io, EISDIR};
        }
        on_->names.change(
            {{on_->names.parent_of(path), std::string{name_tree::last_name(path)}, nullptr}});
        return done;
    });
}

void mounted_disk::remove_below(const disk_node_ptr& directory) {
    const auto names = directory->visible;
    for (const auto& [name, node] : names) {
        remove_below(node);
        on_->names.change({{directory, name, nullptr}});
    }
}

result<done_t> mounted_disk::remove_tree(std::string_view path) {
    if (auto checked = check_path(path); !checked) {
        return checked;
    }
    return on_->run(process_, disk_call::remove_tree, path, [&]() -> result<done_t> {
        const auto node = on_->names.find(path);
        if (node == nullptr) {
            return done;
        }
        if (!node->is_directory) {
            return error{errc::io, ENOTDIR};
        }
        remove_below(node);
        on_->names.change(
            {{on_->names.parent_of(path), std::string{name_tree::last_name(path)}, nullptr}});
        return done;
    });
}

result<done_t> mounted_disk::sync_directory(std::string_view path) {
    if (auto checked = check_directory_path(path); !checked) {
        return checked;
    }
    return on_->run(process_, disk_call::sync_directory, path, [&]() -> result<done_t> {
        const auto directory = on_->names.find(path);
        if (directory == nullptr || !directory->is_directory) {
            return error{errc::not_found, ENOENT};
        }
        on_->names.sync(directory);
        return done;
    });
}

result<std::unique_ptr<directory_lock>> mounted_disk::lock(std::string_view path) {
    if (auto checked = check_path(path); !checked) {
        return checked.error();
    }
    return on_->run(process_, disk_call::lock, path,
                    [&]() -> result<std::unique_ptr<directory_lock>> {
                        if (auto made = find_or_create(path, open_mode::create); !made) {
                            return made.error();
                        }
                        if (!on_->locked.emplace(path).second) {
                            return error{errc::locked};
                        }
                        return std::make_unique<crashing_lock>(on_, std::string{path});
                    });
}

}  // namespace

crashing_disk::crashing_disk(std::uint64_t seed) : state_{std::make_shared<state>(seed)} {}
crashing_disk::~crashing_disk() = default;

std::unique_ptr<disk> crashing_disk::mount() {
    const std::lock_guard lock{state_->mutex};
    ++state_->process;
    state_->stopped = false;
    state_->failed = false;
    state_->last_stop.reset();
    state_->stop_plan.reset();
    state_->locked.clear();
    return std::make_unique<mounted_disk>(state_);
}

std::uint64_t crashing_disk::steps() const {
    const std::lock_guard lock{state_->mutex};
    return state_->steps;
}

void crashing_disk::stop_at(std::uint64_t step, stop_kind how) {
    const std::lock_guard lock{state_->mutex};
    state_->stop_plan.emplace(step, how);
}

void crashing_disk::stop(stop_kind how) {
    const std::lock_guard lock{state_->mutex};
    if (!state_->stopped) {
        state_->stop(how);
    }
}

bool crashing_disk::is_stopped() const {
    const std::lock_guard lock{state_->mutex};
    return state_->stopped;
}

std::optional<stop_kind> crashing_disk::last_stop() const {
    const std::lock_guard lock{state_->mutex};
    return state_->last_stop;
}

void crashing_disk::fail(disk_failure plan) {
    const std::lock_guard lock{state_->mutex};
    state_->failure = std::move(plan);
}

void crashing_disk::fail_no_more() {
    const std::lock_guard lock{state_->mutex};
    state_->failure.reset();
}

bool crashing_disk::has_failed() const {
    const std::lock_guard lock{state_->mutex};
    return state_->failed;
}

void crashing_disk::limit_bytes(std::optional<std::uint64_t> bytes) {
    const std::lock_guard lock{state_->mutex};
    state_->bytes_max = bytes;
}

void crashing_disk::trace(std::function<void(std::string_view)> listener) {
    const std::lock_guard lock{state_->mutex};
    state_->listener = std::move(listener);
}

std::uint64_t crashing_disk::used_bytes() const {
    const std::lock_guard lock{state_->mutex};
    return state_->names.used_bytes();
}
