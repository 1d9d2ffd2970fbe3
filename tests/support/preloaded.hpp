// What the libraries share that tests preload (LD_PRELOAD) before a real server to watch or break
// its disk.
#pragma once

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>

namespace preloaded {

/// The function of that name that the program would have called without this library.
template <class Function>
Function* next_of(const char* name) {
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

/// The path under which `fd` was opened; empty if there is none.
inline std::string path_of(int fd) {
    std::array<char, 4096> path{};
    const std::string link = "/proc/self/fd/" + std::to_string(fd);
    const ssize_t size = ::readlink(link.c_str(), path.data(), path.size());
    return size > 0 ? std::string{path.data(), static_cast<std::size_t>(size)} : std::string{};
}

inline std::string absolute(int directory, const char* path) {
    if (path[0] == '/') {
        return path;
    }
    return (directory == AT_FDCWD ? std::string{::getenv("PWD")} : path_of(directory)) + '/' + path;
}

/// What the library makes of an open() or openat(). Each library has its own.
int open_file(int directory, const char* path, int flags, mode_t mode);

}  // namespace preloaded
