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
                      .groups = {}};
        auto opened = files.open(in.at.path, open_mode::read_write);
        if (!opened) {
            return opened.error();
        }
        in.at.open = std::move(*opened);
        auto reading = read_journal(*in.at.open, in.at.bytes, directory, found.group_);
        if (!reading) {
            return reading.error();
        }
        in.groups = std::move(reading->groups);
        if (reading->is_foreign) {
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

bool found_journal::empty() const noexcept {
    return std::ranges::all_of(files_, [](const found_file& in) { return in.groups.empty(); });
}

result<done_t> found_journal::replay(
    const std::function<result<done_t>(const journal_entry&)>& apply) {
    for (found_file& from : files_) {
        for (const journal_group& at : from.groups) {
            const auto header = read_journal_group(*from.at.open, at.position, group_);
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
