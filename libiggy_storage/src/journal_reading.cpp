#include "journal_reading.hpp"

#include <algorithm>

namespace iggy::storage {

namespace format = journal_format;

namespace {

/// Finds blocks that look like the beginning of a group, many blocks with one read.
class group_search {
public:
    group_search(file& in, std::uint64_t bytes) : in_{in}, bytes_{bytes} {}

    /// The first such block at or after `position`, which grows from call to call; the end of the
    /// file when there is none. Errors: io.
    result<std::uint64_t> next(std::uint64_t position) {
        for (; position < bytes_; position += format::block_bytes) {
            if (position - window_at_ >= window_.size()) {
                if (const auto moved = move_to(position); !moved) {
                    return moved.error();
                }
            }
            const byte_view rest =
                byte_view{window_}.subspan(static_cast<std::size_t>(position - window_at_));
            if (format::decode_header(rest.first(std::min(rest.size(), format::block_bytes)))) {
                return position;
            }
        }
        return bytes_;
    }

private:
    result<done_t> move_to(std::uint64_t position) {
        window_at_ = position;
        window_.resize(static_cast<std::size_t>(std::min(window_bytes, bytes_ - position)));
        const auto got = in_.read_at(position, window_);
        if (!got) {
            return got.error();
        }
        std::ranges::fill(byte_span{window_}.subspan(*got), std::byte{0});  // the file was cut
        return done;
    }

    static constexpr std::uint64_t window_bytes = std::uint64_t{256} << 10;

    file& in_;
    std::uint64_t bytes_;
    std::vector<std::byte> window_;
    std::uint64_t window_at_ = 0;
};

}  // namespace

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
    group_search search{from, bytes};
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
            position += format::padded((*header)->bytes);
        } else if (const auto next = search.next(position + format::block_bytes); next) {
            position = *next;
        } else {
            return next.error();
        }
    }
    return found;
}

}  // namespace iggy::storage
