#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <string>

#include <iggy/storage/disk.hpp>
#include <iggy/storage/error.hpp>

namespace iggy::storage {

class file_cache;

/// A file that is opened when it is used and may be closed while it is not. Belongs to one cache.
class cached_file {
public:
    cached_file(file_cache& cache, std::string path) : cache_{&cache}, path_{std::move(path)} {}
    ~cached_file() { close(); }
    cached_file(const cached_file&) = delete;
    cached_file& operator=(const cached_file&) = delete;

    /// Opens it unless it is open. The pointer is good until the next `get` on the cache, or while
    /// pinned. Errors: as disk::open.
    result<file*> get(open_mode mode);
    /// Keeps it open while an operation is on its way.
    void pin() noexcept { ++pins_; }
    void unpin() noexcept { --pins_; }
    void close();
    /// Belongs to no cache until `enter_cache`, open if it was; while it is not pinned. On the
    /// thread of the engine that it leaves, the other one on that of the engine it comes to.
    void leave_cache();
    void enter_cache(file_cache& other);
    const std::string& path() const noexcept { return path_; }

private:
    friend class file_cache;
    file_cache* cache_;
    std::string path_;
    std::unique_ptr<file> file_;
    std::size_t pins_ = 0;
    std::list<cached_file*>::iterator place_;
};

/// Keeps at most `open_max` files of an engine open; closes the least recently used that are not
/// pinned.
class file_cache {
public:
    file_cache(disk& disk, std::size_t open_max) : disk_{disk}, open_max_{open_max} {}

private:
    friend class cached_file;
    void make_room();
    void add(cached_file& opened);

    disk& disk_;
    std::size_t open_max_;
    std::list<cached_file*> open_;  // most recently used first
};

}  // namespace iggy::storage
