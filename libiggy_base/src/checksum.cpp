#include <iggy/base/checksum.hpp>

#define XXH_INLINE_ALL
#include <xxhash.h>
#undef XXH_INLINE_ALL

#if defined(__x86_64__)
// Picks AVX2 or AVX-512 at run time; exported by the shared library.
// NOLINTNEXTLINE(readability-identifier-naming): the name is xxHash's
extern "C" XXH64_hash_t XXH3_64bits_dispatch(const void* input, std::size_t bytes);
#endif

namespace iggy {

std::uint64_t xxh3_64(byte_view bytes) noexcept {
#if defined(__x86_64__)
    constexpr std::size_t short_input_bytes =
        240;  // below, XXH3 is scalar code and the call costs more than it gives
    if (bytes.size() > short_input_bytes) {
        return XXH3_64bits_dispatch(bytes.data(), bytes.size());
    }
#endif
    return XXH3_64bits(bytes.data(), bytes.size());
}

std::uint32_t xxh32(byte_view bytes) noexcept { return XXH32(bytes.data(), bytes.size(), 0); }

}  // namespace iggy
