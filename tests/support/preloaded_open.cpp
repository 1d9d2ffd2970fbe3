// open() and openat() with their optional argument, in front of `open_file` of the library that
// this is part of.
#include <cstdarg>

#include "preloaded.hpp"

namespace {

mode_t mode_of(int flags, va_list& more) {
    return (flags & O_CREAT) != 0 ? static_cast<mode_t>(va_arg(more, int)) : 0;
}

}  // namespace

extern "C" {

int openat(int directory, const char* path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    const mode_t mode = mode_of(flags, more);
    va_end(more);
    return preloaded::open_file(directory, path, flags, mode);
}

int open(const char* path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    const mode_t mode = mode_of(flags, more);
    va_end(more);
    return preloaded::open_file(AT_FDCWD, path, flags, mode);
}
}
