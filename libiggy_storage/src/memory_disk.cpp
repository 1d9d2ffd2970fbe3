#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>
#include <new>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <cerrno>

#include <iggy/storage/disk.hpp>
#include "disk_path.hpp"

namespace iggy::storage {

namespace {

/// Bytes of a file; lives on while somebody has it open, as a removed file of the kernel's does.
struct content {
    std::mutex mutex;
    std::vector<std::byte> bytes;
};

class memory_file final : public file {
public:
    memory_file(std::shared_ptr<content> data, bool writable) noexcept
        : data_{std::move(data)}, writable_{writable} {}

    result<std::size_t> read_at(std::uint64_t position, byte_span into) override {
        const std::lock_guard lock{data_->mutex};
        const std::uint64_t size = data_->bytes.size();
        if (position >= size || into.empty()) {
            return std::size_t{0};
        }
        const auto moved =
            static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), size - position));
        std::memcpy(into.data(), data_->bytes.data() + position, moved);
        return moved;
    }

    result<std::size_t> try_read_at(std::uint64_t position, byte_span into) override {
        return read_at(position, into);
    }

    result<done_t> write_at(std::uint64_t position, std::span<const byte_view> parts) override {
        if (!writable_) {
            return error{errc::io, EBADF, position};
        }
        const std::lock_guard lock{data_->mutex};
        for (const byte_view part : parts) {
            if (part.empty()) {
                continue;
            }
            if (!grow_to(position + part.size())) {
                return error{errc::no_space, ENOSPC, position};
            }
            std::memcpy(data_->bytes.data() + position, part.data(), part.size());
            position += part.size();
        }
        return done;
    }

    result<done_t> write_back(std::uint64_t, std::uint64_t) override { return done; }
    result<done_t> sync() override { return done; }
    result<done_t> allocate(std::uint64_t, std::uint64_t) override { return done; }

    result<done_t> resize(std::uint64_t size) override {
        if (!writable_) {
            return error{errc::io, EINVAL};
        }
        const std::lock_guard lock{data_->mutex};
        if (!grow_to(size)) {
            return error{errc::no_space, ENOSPC, size};
        }
        data_->bytes.resize(static_cast<std::size_t>(size));
        return done;
    }

    result<std::uint64_t> size() override {
        const std::lock_guard lock{data_->mutex};
        return std::uint64_t{data_->bytes.size()};
    }

    int descriptor() const noexcept override { return -1; }

private:
    /// False when memory does not reach that far.
    bool grow_to(std::uint64_t size) {
        try {
            if (size > data_->bytes.size()) {
                data_->bytes.resize(static_cast<std::size_t>(size));
            }
            return true;
        } catch (const std::bad_alloc&) {
            return false;
        } catch (const std::length_error&) {
            return false;
        }
    }

    std::shared_ptr<content> data_;
    bool writable_;
};

/// All names by their path, so that what lies in a directory stands together; a directory has no
/// content.
struct tree {
    using names = std::map<std::string, std::shared_ptr<content>, std::less<>>;

    std::mutex mutex;
    names entries;
    std::set<std::string, std::less<>> locked;

    bool is_directory(std::string_view path) const {
        if (path.empty()) {
            return true;
        }
        const auto entry = entries.find(path);
        return entry != entries.end() && entry->second == nullptr;
    }
    bool parent_exists(std::string_view path) const {
        const auto slash = path.rfind('/');
        return slash == std::string_view::npos || is_directory(path.substr(0, slash));
    }
    /// First and past-the-last entry below a directory.
    std::pair<names::iterator, names::iterator> below(std::string_view path) {
        if (path.empty()) {
            return {entries.begin(), entries.end()};
        }
        const std::string directory{path};
        // '0' is the character after '/'.
        return {entries.lower_bound(directory + '/'), entries.lower_bound(directory + '0')};
    }
};

class memory_lock final : public directory_lock {
public:
    memory_lock(std::shared_ptr<tree> names, std::string path) noexcept
        : names_{std::move(names)}, path_{std::move(path)} {}
    ~memory_lock() override {
        const std::lock_guard lock{names_->mutex};
        names_->locked.erase(path_);
    }

private:
    std::shared_ptr<tree> names_;
    std::string path_;
};

class memory_disk final : public disk {
public:
    result<std::unique_ptr<file>> open(std::string_view path, open_mode mode) override;
    result<done_t> create_directories(std::string_view path) override;
    result<std::vector<directory_entry>> list(std::string_view path) override;
    result<done_t> rename(std::string_view from, std::string_view to) override;
    result<done_t> remove(std::string_view path) override;
    result<done_t> remove_tree(std::string_view path) override;
    result<done_t> sync_directory(std::string_view path) override;
    result<std::unique_ptr<directory_lock>> lock(std::string_view path) override;
    std::string boot_id() const override { return "memory"; }
    std::string display_path(std::string_view path) const override {
        return path.empty() ? "memory:" : "memory:/" + std::string{path};
    }

private:
    std::shared_ptr<tree> names_ = std::make_shared<tree>();
};

result<std::unique_ptr<file>> memory_disk::open(std::string_view path, open_mode mode) {
    if (auto checked = check_path(path); !checked) {
        return checked.error();
    }
    const std::lock_guard lock{names_->mutex};
    if (names_->is_directory(path)) {
        return error{errc::io, EISDIR};
    }
    auto entry = names_->entries.find(path);
    if (entry == names_->entries.end()) {
        if (mode != open_mode::create || !names_->parent_exists(path)) {
            return error{errc::not_found, ENOENT};
        }
        entry = names_->entries.emplace(path, std::make_shared<content>()).first;
    }
    return std::make_unique<memory_file>(entry->second, mode != open_mode::read);
}

result<done_t> memory_disk::create_directories(std::string_view path) {
    if (auto checked = check_directory_path(path); !checked) {
        return checked;
    }
    const std::lock_guard lock{names_->mutex};
    std::size_t end = 0;
    while (end < path.size()) {
        end = std::min(path.find('/', end + 1), path.size());
        const auto directory = names_->entries.emplace(path.substr(0, end), nullptr).first;
        if (directory->second != nullptr) {
            return error{errc::io, ENOTDIR};
        }
    }
    return done;
}

result<std::vector<directory_entry>> memory_disk::list(std::string_view path) {
    if (auto checked = check_directory_path(path); !checked) {
        return checked.error();
    }
    const std::lock_guard lock{names_->mutex};
    if (!names_->is_directory(path)) {
        return error{errc::not_found, ENOENT};
    }
    std::vector<directory_entry> entries;
    const std::size_t prefix = path.empty() ? 0 : path.size() + 1;
    const auto [first, last] = names_->below(path);
    for (auto entry = first; entry != last; ++entry) {
        const auto& [name, data] = *entry;
        if (name.find('/', prefix) != std::string::npos) {
            continue;
        }
        std::uint64_t size = 0;
        if (data != nullptr) {
            const std::lock_guard data_lock{data->mutex};
            size = data->bytes.size();
        }
        entries.push_back({name.substr(prefix), data == nullptr, size});
    }
    return entries;
}

result<done_t> memory_disk::rename(std::string_view from, std::string_view to) {
    for (const std::string_view path : {from, to}) {
        if (auto checked = check_path(path); !checked) {
            return checked;
        }
    }
    const std::lock_guard lock{names_->mutex};
    auto& entries = names_->entries;
    const auto source = entries.find(from);
    if (source == entries.end() || !names_->parent_exists(to)) {
        return error{errc::not_found, ENOENT};
    }
    if (from == to) {
        return done;
    }
    if (to.starts_with(from) && to[from.size()] == '/') {
        return error{errc::io, EINVAL};  // into itself
    }
    const bool is_directory = source->second == nullptr;
    if (const auto target = entries.find(to); target != entries.end()) {
        const bool replaces_directory = target->second == nullptr;
        if (replaces_directory != is_directory) {
            return error{errc::io, is_directory ? ENOTDIR : EISDIR};
        }
        const auto [first, last] = names_->below(to);
        if (replaces_directory && first != last) {
            return error{errc::io, ENOTEMPTY};
        }
        entries.erase(target);
    }
    std::vector<std::pair<std::string, std::shared_ptr<content>>> moved;
    moved.emplace_back(std::string{to}, source->second);
    if (is_directory) {
        const auto [first, last] = names_->below(from);
        for (auto entry = first; entry != last; ++entry) {
            moved.emplace_back(std::string{to} + entry->first.substr(from.size()), entry->second);
        }
        entries.erase(first, last);
    }
    entries.erase(source);
    entries.insert(moved.begin(), moved.end());
    return done;
}

result<done_t> memory_disk::remove(std::string_view path) {
    if (auto checked = check_path(path); !checked) {
        return checked;
    }
    const std::lock_guard lock{names_->mutex};
    const auto entry = names_->entries.find(path);
    if (entry == names_->entries.end()) {
        return done;
    }
    if (entry->second == nullptr) {
        return error{errc::io, EISDIR};
    }
    names_->entries.erase(entry);
    return done;
}

result<done_t> memory_disk::remove_tree(std::string_view path) {
    if (auto checked = check_path(path); !checked) {
        return checked;
    }
    const std::lock_guard lock{names_->mutex};
    const auto entry = names_->entries.find(path);
    if (entry == names_->entries.end()) {
        return done;
    }
    if (entry->second != nullptr) {
        return error{errc::io, ENOTDIR};
    }
    const auto [first, last] = names_->below(path);
    names_->entries.erase(first, last);
    names_->entries.erase(entry);
    return done;
}

result<done_t> memory_disk::sync_directory(std::string_view path) {
    if (auto checked = check_directory_path(path); !checked) {
        return checked;
    }
    const std::lock_guard lock{names_->mutex};
    if (!names_->is_directory(path)) {
        return error{errc::not_found, ENOENT};
    }
    return done;
}

result<std::unique_ptr<directory_lock>> memory_disk::lock(std::string_view path) {
    if (auto made = open(path, open_mode::create); !made) {
        return made.error();
    }
    const std::lock_guard lock{names_->mutex};
    if (!names_->locked.emplace(path).second) {
        return error{errc::locked};
    }
    return std::make_unique<memory_lock>(names_, std::string{path});
}

}  // namespace

std::unique_ptr<disk> make_memory_disk() { return std::make_unique<memory_disk>(); }

}  // namespace iggy::storage
