#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <iggy/storage/disk.hpp>
#include "disk_path.hpp"
#include "pacing.hpp"
#include "posix_file.hpp"
#include "unique_fd.hpp"

namespace iggy::storage {

namespace {

constexpr mode_t file_mode = 0640;
constexpr mode_t directory_mode = 0750;
/// Our trees are a few levels deep; a deeper one is not ours to walk.
constexpr int tree_depth_max = 64;
constexpr off_t removed_piece = off_t{2} << 20;

int open_flags(open_mode mode) noexcept {
    switch (mode) {
        case open_mode::read:
            return O_RDONLY;
        case open_mode::read_write:
            return O_RDWR;
        case open_mode::create:
            return O_RDWR | O_CREAT;
    }
    return O_RDONLY;
}

/// Opens relative to `directory`; empty with errno set when that fails.
unique_fd open_at(int directory, const char* path, int flags) noexcept {
    int fd = -1;
    do {
        fd = ::openat(directory, path, flags | O_CLOEXEC, file_mode);
    } while (fd < 0 && errno == EINTR);
    return unique_fd{fd};
}

unique_fd open_directory_at(int directory, const char* path, int flags = 0) noexcept {
    return open_at(directory, path, O_RDONLY | O_DIRECTORY | flags);
}

bool is_itself(const char* name) noexcept {
    return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

/// Walks the names in an open directory.
class directory_reader {
public:
    explicit directory_reader(unique_fd fd) noexcept : stream_{::fdopendir(fd.get())} {
        if (stream_ != nullptr) {
            fd.release();
        }
    }
    directory_reader(const directory_reader&) = delete;
    directory_reader& operator=(const directory_reader&) = delete;
    ~directory_reader() {
        if (stream_ != nullptr) {
            ::closedir(stream_);
        }
    }

    bool is_open() const noexcept { return stream_ != nullptr; }
    int fd() const noexcept { return ::dirfd(stream_); }

    /// The next name, or null at the end; errno tells an error (else 0) then.
    const char* next() noexcept {
        const dirent* entry = nullptr;
        do {
            errno = 0;
            entry = ::readdir(stream_);
        } while (entry != nullptr && is_itself(entry->d_name));
        return entry == nullptr ? nullptr : entry->d_name;
    }

private:
    DIR* stream_;
};

result<done_t> sync_directory_at(int directory, const char* path) {
    const unique_fd fd = open_directory_at(directory, path);
    if (!fd) {
        return error_from_errno(errno);
    }
    while (::fsync(fd.get()) != 0) {
        if (errno != EINTR) {
            return error{errc::io, errno};
        }
    }
    return done;
}

/// Removes `name` with all below it. Symbolic links are removed, never followed.
result<done_t> remove_tree_at(int parent, const char* name, int depth) {
    if (depth > tree_depth_max) {
        return error{errc::io, ELOOP};
    }
    unique_fd fd = open_directory_at(parent, name, O_NOFOLLOW);
    if (!fd) {
        return error_from_errno(errno);
    }
    directory_reader directory{std::move(fd)};
    if (!directory.is_open()) {
        return error{errc::io, errno};
    }
    // Names are collected first: removing while reading a directory may skip some.
    std::vector<std::string> names;
    while (const char* entry = directory.next()) {
        names.emplace_back(entry);
    }
    if (errno != 0) {
        return error{errc::io, errno};
    }
    for (const std::string& entry : names) {
        if (::unlinkat(directory.fd(), entry.c_str(), 0) == 0 || errno == ENOENT) {
            continue;
        }
        if (errno != EISDIR && errno != EPERM) {
            return error{errc::io, errno};
        }
        auto removed = remove_tree_at(directory.fd(), entry.c_str(), depth + 1);
        if (!removed && removed.error().code != errc::not_found) {
            return removed;
        }
    }
    if (::unlinkat(parent, name, AT_REMOVEDIR) != 0) {
        return error_from_errno(errno);
    }
    return done;
}

class posix_lock final : public directory_lock {
public:
    explicit posix_lock(unique_fd fd) noexcept : fd_{std::move(fd)} {}

private:
    unique_fd fd_;  // closing it unlocks
};

class posix_disk final : public disk {
public:
    posix_disk(unique_fd root, std::string display_root) noexcept
        : root_{std::move(root)}, display_root_{std::move(display_root)} {}

    result<std::unique_ptr<file>> open(std::string_view path, open_mode mode) override;
    result<done_t> create_directories(std::string_view path) override;
    result<std::vector<directory_entry>> list(std::string_view path) override;
    result<done_t> rename(std::string_view from, std::string_view to) override;
    result<done_t> remove(std::string_view path) override;
    result<done_t> remove_without_haste(std::string_view path) override;
    result<done_t> remove_tree(std::string_view path) override;
    result<done_t> sync_directory(std::string_view path) override;
    result<std::unique_ptr<directory_lock>> lock(std::string_view path) override;
    std::string boot_id() const override;
    std::uint64_t free_bytes() const override;
    std::string display_path(std::string_view path) const override {
        return path.empty() ? display_root_ : display_root_ + '/' + std::string{path};
    }

private:
    unique_fd root_;
    std::string display_root_;
};

result<std::unique_ptr<file>> posix_disk::open(std::string_view path, open_mode mode) {
    if (auto checked = check_path(path); !checked) {
        return checked.error();
    }
    unique_fd fd = open_at(root_.get(), std::string{path}.c_str(), open_flags(mode));
    if (!fd) {
        return error_from_errno(errno);
    }
    struct stat status{};
    if (::fstat(fd.get(), &status) != 0) {
        return error{errc::io, errno};
    }
    if (!S_ISREG(status.st_mode)) {
        return error{errc::io, S_ISDIR(status.st_mode) ? EISDIR : EINVAL};
    }
    return std::make_unique<posix_file>(std::move(fd));
}

result<done_t> posix_disk::create_directories(std::string_view path) {
    if (auto checked = check_directory_path(path); !checked) {
        return checked;
    }
    std::string prefix;
    while (prefix.size() < path.size()) {
        const auto from = prefix.empty() ? 0 : prefix.size() + 1;
        prefix = path.substr(0, path.find('/', from));
        if (::mkdirat(root_.get(), prefix.c_str(), directory_mode) != 0 && errno != EEXIST) {
            return error_from_errno(errno);
        }
    }
    if (!path.empty() && !open_directory_at(root_.get(), prefix.c_str())) {
        return error{errc::io, errno};  // a file has that name
    }
    return done;
}

result<std::vector<directory_entry>> posix_disk::list(std::string_view path) {
    if (auto checked = check_directory_path(path); !checked) {
        return checked.error();
    }
    unique_fd fd = open_directory_at(root_.get(), path.empty() ? "." : std::string{path}.c_str());
    if (!fd) {
        return error_from_errno(errno);
    }
    directory_reader directory{std::move(fd)};
    if (!directory.is_open()) {
        return error{errc::io, errno};
    }
    std::vector<directory_entry> entries;
    while (const char* name = directory.next()) {
        struct stat status{};
        if (::fstatat(directory.fd(), name, &status, 0) != 0) {
            if (errno == ENOENT) {
                continue;  // removed meanwhile
            }
            return error{errc::io, errno};
        }
        const bool is_directory = S_ISDIR(status.st_mode);
        const auto size = is_directory ? 0 : static_cast<std::uint64_t>(status.st_size);
        entries.push_back({name, is_directory, size});
    }
    if (errno != 0) {
        return error{errc::io, errno};
    }
    return entries;
}

result<done_t> posix_disk::rename(std::string_view from, std::string_view to) {
    for (const std::string_view path : {from, to}) {
        if (auto checked = check_path(path); !checked) {
            return checked;
        }
    }
    if (::renameat(root_.get(), std::string{from}.c_str(), root_.get(), std::string{to}.c_str()) !=
        0) {
        return error_from_errno(errno);
    }
    return done;
}

result<done_t> posix_disk::remove(std::string_view path) {
    if (auto checked = check_path(path); !checked) {
        return checked;
    }
    if (::unlinkat(root_.get(), std::string{path}.c_str(), 0) != 0 && errno != ENOENT) {
        return error{errc::io, errno};
    }
    return done;
}

/// Most of what a removal takes of a processor is to drop the file from the page cache.
result<done_t> posix_disk::remove_without_haste(std::string_view path) {
    if (const auto opened = open(path, open_mode::read)) {
        const auto size = static_cast<off_t>((*opened)->size().value_or(0));
        pacing pace;
        for (off_t at = 0; at < size; at += removed_piece) {
            ::posix_fadvise((*opened)->descriptor(), at, removed_piece, POSIX_FADV_DONTNEED);
            pace.rest();
        }
    }
    return remove(path);
}

result<done_t> posix_disk::remove_tree(std::string_view path) {
    if (auto checked = check_path(path); !checked) {
        return checked;
    }
    auto removed = remove_tree_at(root_.get(), std::string{path}.c_str(), 0);
    if (!removed && removed.error().code == errc::not_found) {
        return done;
    }
    return removed;
}

result<done_t> posix_disk::sync_directory(std::string_view path) {
    if (auto checked = check_directory_path(path); !checked) {
        return checked;
    }
    return sync_directory_at(root_.get(), path.empty() ? "." : std::string{path}.c_str());
}

result<std::unique_ptr<directory_lock>> posix_disk::lock(std::string_view path) {
    if (auto checked = check_path(path); !checked) {
        return checked.error();
    }
    unique_fd fd = open_at(root_.get(), std::string{path}.c_str(), O_RDWR | O_CREAT);
    if (!fd) {
        return error_from_errno(errno);
    }
    // flock belongs to this very opening, so that it refuses a second one by this process too.
    while (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) {
            return error{errc::locked, 0};
        }
        if (errno != EINTR) {
            return error{errc::io, errno};
        }
    }
    return std::make_unique<posix_lock>(std::move(fd));
}

/// Makes the directory and its missing parents, each durable in its own parent.
result<done_t> create_root(const std::filesystem::path& root) {
    std::vector<std::filesystem::path> missing;
    for (auto path = root; ::access(path.c_str(), F_OK) != 0; path = path.parent_path()) {
        if (errno != ENOENT) {
            return error{errc::io, errno};
        }
        missing.push_back(path);
    }
    for (auto path = missing.rbegin(); path != missing.rend(); ++path) {
        if (::mkdir(path->c_str(), directory_mode) != 0 && errno != EEXIST) {
            return error_from_errno(errno);
        }
        if (auto synced = sync_directory_at(AT_FDCWD, path->parent_path().c_str()); !synced) {
            return synced;
        }
    }
    return done;
}

std::string posix_disk::boot_id() const {
    std::ifstream source{"/proc/sys/kernel/random/boot_id"};
    std::string id;
    source >> id;
    return id;
}

std::uint64_t posix_disk::free_bytes() const {
    struct statvfs status{};
    return ::fstatvfs(root_.get(), &status) == 0
               ? static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize
               : 0;
}

}  // namespace

result<std::unique_ptr<disk>> open_disk(const std::string& root) {
    if (root.empty() || root.find('\0') != std::string::npos) {
        return error{errc::invalid_argument};
    }
    std::error_code failed;
    const auto absolute = std::filesystem::absolute(root, failed).lexically_normal();
    if (failed) {
        return error{errc::io, failed.value()};
    }
    // Without the slash that a path may end in, whose parent would be itself.
    const auto path = absolute.has_filename() ? absolute : absolute.parent_path();
    if (auto created = create_root(path); !created) {
        return created.error();
    }
    unique_fd fd = open_directory_at(AT_FDCWD, path.c_str());
    if (!fd) {
        return error{errc::io, errno};
    }
    return std::make_unique<posix_disk>(std::move(fd), path.string());
}

}  // namespace iggy::storage
