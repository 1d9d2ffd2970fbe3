#include "page_cache.hpp"

#include <algorithm>
#include <vector>

namespace iggy::storage {

result<done_t> write_again(file& target, std::uint64_t from, std::uint64_t to) {
    constexpr std::uint64_t piece_bytes_max = std::uint64_t{1} << 20;
    std::vector<std::byte> piece(
        static_cast<std::size_t>(std::min(to - std::min(from, to), piece_bytes_max)));
    while (from < to) {
        const byte_span wanted =
            byte_span{piece}.first(static_cast<std::size_t>(std::min(to - from, piece_bytes_max)));
        const auto got = target.read_at(from, wanted);
        if (!got) {
            return got.error();
        }
        if (*got == 0) {
            return error{errc::io, 0, from};  // cut by somebody else meanwhile
        }
        const byte_view same = wanted.first(*got);
        if (const auto written = target.write_at(from, {&same, 1}); !written) {
            return written;
        }
        from += *got;
    }
    return done;
}

}  // namespace iggy::storage
