#include "journal_reading.hpp"

namespace iggy::storage {

namespace format = journal_format;

result<std::optional<format::group_header>> read_journal_group(file& from, std::uint64_t position,
                                                               byte_span into) {
    const byte_span block = into.first(format::block_bytes);
    const auto got = from.read_at(position, block);
    if (!got) {
        return got.error();
    }
    const auto header = format::decode_header(block.first(*got));
    if (!header) {
        return header;
    }
    const byte_span group = into.first(header->bytes);
    if (group.size() > *got) {
        const auto rest = from.read_at(position + *got, group.subspan(*got));
        if (!rest) {
            return rest.error();
        }
        if (*rest < group.size() - *got) {
            return std::optional<format::group_header>{};
        }
    }
    return format::checksum_matches(group) ? header : std::nullopt;
}

/// A file belongs to the use that wrote its first group. Behind a damaged group the ones after it
/// still count: what an earlier round left has lower numbers.
result<journal_reading> read_journal(file& from, std::uint64_t bytes, const directory_id& directory,
                                     byte_span block) {
    journal_reading found;
    std::uint64_t position = 0;
    while (position < bytes) {
        const auto header = read_journal_group(from, position, block);
        if (!header) {
            return header.error();
        }
        if (found.groups.empty()) {
            found.is_foreign = *header && (*header)->directory != directory;
            if (!*header || found.is_foreign) {
                return found;
            }
        }
        const bool counts =
            *header &&
            (found.groups.empty() || ((*header)->directory == directory &&
                                      (*header)->session == found.groups.front().header.session &&
                                      (*header)->sequence > found.groups.back().header.sequence));
        if (counts) {
            found.groups.push_back({position, **header});
        }
        position += counts ? format::padded((*header)->bytes) : format::block_bytes;
    }
    return found;
}

}  // namespace iggy::storage
