#include "name_tree.hpp"

#include <algorithm>
#include <utility>

namespace {

void settle(disk_node& at, seeded_random& random) {
    if (!at.is_directory) {
        at.content.cut_power(random);
        at.reserved = 0;
        return;
    }
    at.visible = at.durable;
    for (const auto& [name, below] : at.visible) {
        settle(*below, random);
    }
}

std::uint64_t bytes_below(const disk_node& at) {
    std::uint64_t bytes = std::max(at.content.size(), at.reserved);
    for (const auto& [name, below] : at.visible) {
        bytes += bytes_below(*below);
    }
    return bytes;
}

}  // namespace

name_tree::name_tree() : root_{std::make_shared<disk_node>()} { root_->is_directory = true; }

disk_node_ptr name_tree::find(std::string_view path) const {
    disk_node_ptr at = root_;
    while (!path.empty() && at != nullptr) {
        const auto slash = std::min(path.find('/'), path.size());
        const auto below = at->visible.find(path.substr(0, slash));
        at = below == at->visible.end() ? nullptr : below->second;
        path.remove_prefix(std::min(slash + 1, path.size()));
    }
    return at;
}

disk_node_ptr name_tree::parent_of(std::string_view path) const {
    const auto slash = path.rfind('/');
    disk_node_ptr parent = slash == std::string_view::npos ? root_ : find(path.substr(0, slash));
    return parent != nullptr && parent->is_directory ? parent : nullptr;
}

name_tree::edit name_tree::edit_of(std::string_view path, disk_node_ptr after) const {
    return {parent_of(path), std::string{path.substr(path.rfind('/') + 1)}, std::move(after)};
}

void name_tree::change(std::vector<edit> made) {
    for (const edit& one : made) {
        if (one.after == nullptr) {
            one.directory->visible.erase(one.name);
        } else {
            one.directory->visible[one.name] = one.after;
        }
    }
    pending_.push_back({std::move(made)});
}

bool name_tree::meet(const edits& a, const edits& b) {
    return std::ranges::any_of(a, [&](const edit& one) {
        return std::ranges::any_of(b, [&](const edit& other) {
            return one.directory == other.directory && one.name == other.name;
        });
    });
}

void name_tree::make_durable(const edits& change) {
    for (const edit& one : change) {
        if (one.after == nullptr) {
            one.directory->durable.erase(one.name);
        } else {
            one.directory->durable[one.name] = one.after;
        }
    }
}

bool name_tree::touches(const edits& change, const disk_node_ptr& directory) {
    return std::ranges::any_of(change, [&](const edit& one) { return one.directory == directory; });
}

void name_tree::sync(const disk_node_ptr& directory) {
    std::vector<bool> wanted(pending_.size());
    for (std::size_t i = pending_.size(); i-- > 0;) {
        wanted[i] = touches(pending_[i].made, directory);
        for (std::size_t later = i + 1; later < pending_.size() && !wanted[i]; ++later) {
            wanted[i] = wanted[later] && meet(pending_[i].made, pending_[later].made);
        }
    }
    std::vector<pending_change> left;
    for (std::size_t i = 0; i < pending_.size(); ++i) {
        const bool builds_on_left = std::ranges::any_of(left, [&](const pending_change& earlier) {
            return meet(earlier.made, pending_[i].made);
        });
        if (wanted[i] && !pending_[i].stuck && !builds_on_left) {
            make_durable(pending_[i].made);
        } else {
            left.push_back(std::move(pending_[i]));
        }
    }
    pending_ = std::move(left);
}

void name_tree::fail_sync(const disk_node_ptr& directory) {
    for (pending_change& change : pending_) {
        change.stuck = change.stuck || touches(change.made, directory);
    }
}

void name_tree::forgive() {
    for (pending_change& change : pending_) {
        change.stuck = false;
    }
}

void name_tree::cut_power(seeded_random& random) {
    constexpr std::uint64_t percents[] = {0, 100, 50, 50, 80};
    const std::uint64_t percent = percents[random.below(std::size(percents))];
    std::vector<const edits*> lost;
    for (const pending_change& change : pending_) {
        const bool builds_on_lost = std::ranges::any_of(
            lost, [&](const edits* earlier) { return meet(*earlier, change.made); });
        if (builds_on_lost || !random.chance(percent)) {
            lost.push_back(&change.made);
        } else {
            make_durable(change.made);
        }
    }
    pending_.clear();
    settle(*root_, random);
}

std::uint64_t name_tree::used_bytes() const { return bytes_below(*root_); }
