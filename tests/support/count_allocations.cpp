// A library to preload (LD_PRELOAD): counts how often a process asks for memory. ALLOCATIONS_FILE
// names a file of 8 bytes that holds the count while it runs.

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdlib>

extern "C" {
// What glibc's own functions are called beside their public names.
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* old, size_t size);
void* __libc_memalign(size_t alignment, size_t size);
}

namespace {

using counter = std::atomic<std::uint64_t>;
counter before_start{0};
std::atomic<counter*> count{&before_start};

__attribute__((constructor)) void start() {
    const char* const path = ::getenv("ALLOCATIONS_FILE");
    const int fd = path != nullptr ? ::open(path, O_RDWR | O_CLOEXEC) : -1;
    void* const shared =
        ::mmap(nullptr, sizeof(counter), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    ::close(fd);
    if (shared != MAP_FAILED) {
        count = static_cast<counter*>(shared);
    }
}

void note() noexcept { count.load(std::memory_order_relaxed)->fetch_add(1); }

}  // namespace

extern "C" {

void* malloc(size_t size) {
    note();
    return __libc_malloc(size);
}

void* calloc(size_t number, size_t size) {
    note();
    return __libc_calloc(number, size);
}

void* realloc(void* old, size_t size) {
    note();
    return __libc_realloc(old, size);
}

void* aligned_alloc(size_t alignment, size_t size) {
    note();
    return __libc_memalign(alignment, size);
}

int posix_memalign(void** into, size_t alignment, size_t size) {
    note();
    *into = __libc_memalign(alignment, size);
    return *into == nullptr ? ENOMEM : 0;
}
}
