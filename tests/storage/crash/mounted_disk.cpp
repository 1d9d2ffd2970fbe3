#include "mounted_disk.hpp"

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <utility>

#include <fmt/format.h>

#include "crashing_disk_state.hpp"
#include "crashing_file.hpp"
#include "disk_path.hpp"

using namespace iggy;
using namespace iggy::storage;

namespace {

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

/// The directory could not even be opened: nothing is known of its names that was not before.
bool is_for_want_of_resources(const error& refused) {
    return refused.sys_errno == EMFILE || refused.sys_errno == ENFILE ||
           refused.sys_errno == ENOMEM;
}

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
    std::uint64_t free_bytes() const override {
        const std::lock_guard lock{on_->mutex};
        return on_->room();
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
    if (mode != open_mode::create || names.parent_of(path) == nullptr) {
        return error{errc::not_found, ENOENT};
    }
    if (on_->room() == 0) {
        on_->failed = true;
        return error{errc::no_space, ENOSPC};
    }
    auto made = std::make_shared<disk_node>();
    names.change({names.edit_of(path, made)});
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
            on_->names.change({on_->names.edit_of(directory, made)});
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
        if (node == nullptr || on_->names.parent_of(to) == nullptr) {
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
        on_->names.change({on_->names.edit_of(from, nullptr), on_->names.edit_of(to, node)});
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
        on_->names.change({on_->names.edit_of(path, nullptr)});
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
        on_->names.change({on_->names.edit_of(path, nullptr)});
        return done;
    });
}

result<done_t> mounted_disk::sync_directory(std::string_view path) {
    if (auto checked = check_directory_path(path); !checked) {
        return checked;
    }
    const auto synced = [&]() -> result<done_t> {
        const auto directory = on_->names.find(path);
        if (directory == nullptr || !directory->is_directory) {
            return error{errc::not_found, ENOENT};
        }
        on_->names.sync(directory);
        return done;
    };
    const auto failed = [&](const error& why) {
        if (!is_for_want_of_resources(why)) {
            on_->names.fail_sync(on_->names.find(path));
        }
    };
    return on_->run(process_, disk_call::sync_directory, path, synced, failed);
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

std::unique_ptr<disk> make_mounted_disk(std::shared_ptr<crashing_disk::state> on) {
    return std::make_unique<mounted_disk>(std::move(on));
}
