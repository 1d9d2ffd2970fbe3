#include "found_journal.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace iggy::storage {

namespace format = journal_format;

result<done_t> clear_journal_file(file& at) {
    const std::array<std::byte, format::block_bytes> zeros{};
    const byte_view part{zeros};
    if (const auto written = at.write_at(0, {&part, 1}); !written) {
        return written;
    }
    return at.sync();
}

result<found_journal> found_journal::read(disk& files, const directory_id& directory) {
    found_journal found;
    found.disk_ = &files;
    const auto names = files.list(journal_directory);
    if (!names) {
        const bool absent = names.error().code == errc::not_found;
        return absent ? result<found_journal>{std::move(found)} : names.error();
    }
    for (const directory_entry& name : *names) {
        if (name.is_directory || !name.name.ends_with(journal_extension)) {
            continue;
        }
        found_file in{.at = {.path = fmt::format("{}/{}", journal_directory, name.name),
                             .open = nullptr,
                             .bytes = name.size},
                      .groups = {},
                      .is_foreign = false};
        auto opened = files.open(in.at.path, open_mode::read_write);
        if (!opened) {
            return opened.error();
        }
        in.at.open = std::move(*opened);
        if (const auto read = found.find_groups(in, directory); !read) {
            return read.error();
        }
        if (in.is_foreign) {
            if (const auto moved = files.rename(in.at.path, in.at.path + ".foreign"); !moved) {
                return moved.error();
            }
        } else {
            found.files_.push_back(std::move(in));
        }
    }
    std::ranges::sort(found.files_, {}, [](const found_file& in) {
        const std::uint64_t first = in.groups.empty() ? 0 : in.groups.front().header.sequence;
        return std::pair{first, std::string_view{in.at.path}};
    });
    return found;
}

/// The group at that position, left in `group_`; nothing where there is no sound one.
result<std::optional<format::group_header>> found_journal::read_group(journal_file& from,
                                                                      std::uint64_t position) {
    const byte_span block = byte_span{group_}.first(format::block_bytes);
    const auto got = from.open->read_at(position, block);
    if (!got) {
        return got.error();
    }
    const auto header = format::decode_header(block.first(*got));
    if (!header) {
        return header;
    }
    const byte_span group = byte_span{group_}.first(header->bytes);
    if (group.size() > *got) {
        const auto rest = from.open->read_at(position + *got, group.subspan(*got));
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
result<done_t> found_journal::find_groups(found_file& in, const directory_id& directory) {
    std::uint64_t position = 0;
    while (position < in.at.bytes) {
        const auto header = read_group(in.at, position);
        if (!header) {
            return header.error();
        }
        if (in.groups.empty()) {
            in.is_foreign = *header && (*header)->directory != directory;
            if (!*header || in.is_foreign) {
                return done;
            }
        }
        const bool counts = *header && (in.groups.empty() ||
                                        ((*header)->directory == directory &&
                                         (*header)->session == in.groups.front().header.session &&
                                         (*header)->sequence > in.groups.back().header.sequence));
        if (counts) {
            in.groups.push_back({position, **header});
        }
        position += counts ? format::padded((*header)->bytes) : format::block_bytes;
    }
    return done;
}

bool found_journal::empty() const noexcept {
    return std::ranges::all_of(files_, [](const found_file& in) { return in.groups.empty(); });
}

result<done_t> found_journal::replay(
    const std::function<result<done_t>(const journal_entry&)>& apply) {
    for (found_file& from : files_) {
        for (const found_group& at : from.groups) {
            const auto header = read_group(from.at, at.position);
            if (!header) {
                return header.error();
            }
            if (!*header || **header != at.header) {
                return error{errc::corrupt, 0, at.position};  // it was sound a moment ago
            }
            format::entry_reader entries{byte_view{group_}.first(at.header.bytes)};
            while (const auto entry = entries.next()) {
                if (const auto applied = apply(*entry); !applied) {
                    return applied;
                }
            }
        }
    }
    return done;
}

result<std::vector<journal_file>> found_journal::clear(page_cache found) {
    std::vector<journal_file> cleared;
    // Empty ones, then oldest first: after a stop in between, what is left are the newest, and
    // their order.
    for (found_file& in : files_) {
        if (!in.groups.empty() || found == page_cache::unproven) {
            if (const auto done_so = clear_journal_file(*in.at.open); !done_so) {
                return done_so.error();
            }
        }
        cleared.push_back(std::move(in.at));
    }
    files_.clear();
    if (!cleared.empty()) {
        // A process may have been killed between making a file and this.
        for (const std::string_view directory : {journal_directory, std::string_view{}}) {
            if (const auto named = disk_->sync_directory(directory); !named) {
                return named.error();
            }
        }
    }
    return cleared;
}

}  // namespace iggy::storage
