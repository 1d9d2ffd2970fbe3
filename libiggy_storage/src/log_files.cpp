#include "log_files.hpp"

#include <array>
#include <charconv>

#include <fmt/format.h>

#include <iggy/base/checksum.hpp>

namespace iggy::storage {

namespace {

constexpr std::size_t digits = 20;
constexpr std::size_t identity_bytes = 64;
constexpr std::uint32_t identity_version = 1;
constexpr std::string_view identity_magic = "IGGYLOGI";

using identity_block = std::array<std::byte, identity_bytes>;

std::string identity_path(std::string_view directory) {
    return fmt::format("{}/{}", directory, identity_file_name);
}

identity_block encode(const log_identity& identity) {
    identity_block block{};
    std::memcpy(block.data(), identity_magic.data(), identity_magic.size());
    store_le<std::uint32_t>(block, 8, identity_version);
    store_le<std::uint32_t>(block, 12, identity.generation);
    store_le<std::uint64_t>(block, 16, identity.uid.raw());
    store_le<std::uint64_t>(block, 56, xxh3_64(byte_view{block}.first(56)));
    return block;
}

result<done_t> sync_identity(disk& disk, std::string_view directory) {
    auto identity = disk.open(identity_path(directory), open_mode::read_write);
    return identity ? (*identity)->sync() : identity.error();
}

std::optional<log_identity> decode(byte_view block) {
    if (block.size() != identity_bytes || as_text(block.first(8)) != identity_magic ||
        load_le<std::uint32_t>(block, 8) != identity_version ||
        load_le<std::uint64_t>(block, 56) != xxh3_64(block.first(56))) {
        return std::nullopt;
    }
    return log_identity{log_uid{load_le<std::uint64_t>(block, 16)},
                        load_le<std::uint32_t>(block, 12)};
}

}  // namespace

std::string segment_file_path(std::string_view directory, message_offset base,
                              std::string_view extension) {
    return fmt::format("{}/{:020}{}", directory, base.raw(), extension);
}

std::string next_segment_path(std::string_view directory) {
    return fmt::format("{}/{}", directory, next_segment_file_name);
}

std::optional<message_offset> parse_segment_name(std::string_view file_name,
                                                 std::string_view extension) {
    if (file_name.size() != digits + extension.size() || !file_name.ends_with(extension)) {
        return std::nullopt;
    }
    std::uint64_t base = 0;
    const char* const begin = file_name.data();
    const char* const end = begin + digits;
    const auto parsed = std::from_chars(begin, end, base);
    if (parsed.ec != std::errc{} || parsed.ptr != end) {
        return std::nullopt;
    }
    return message_offset{base};
}

std::string_view parent_of(std::string_view path) noexcept {
    const auto slash = path.rfind('/');
    return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

bool is_content(const directory_entry& at) {
    return !at.is_directory &&
           (at.name == offsets_file_name || parse_segment_name(at.name, messages_extension));
}

result<done_t> write_identity(disk& disk, std::string_view directory,
                              const log_identity& identity) {
    if (const auto made = disk.create_directories(directory); !made) {
        return made.error();
    }
    auto opened = disk.open(identity_path(directory), open_mode::create);
    if (!opened) {
        return opened.error();
    }
    const identity_block block = encode(identity);
    const byte_view part{block};
    return (*opened)->write_at(0, {&part, 1});
}

result<std::optional<log_identity>> read_identity(disk& disk, std::string_view directory) {
    auto opened = disk.open(identity_path(directory), open_mode::read);
    if (!opened) {
        if (opened.error().code == errc::not_found) {
            return std::optional<log_identity>{};
        }
        return opened.error();
    }
    identity_block block{};
    const auto got = (*opened)->read_at(0, block);
    if (!got) {
        return got.error();
    }
    return decode(byte_view{block}.first(*got));
}

result<done_t> sync_parents(disk& disk, std::string_view path) {
    while (!path.empty()) {
        path = parent_of(path);
        if (const auto synced = disk.sync_directory(path); !synced) {
            return synced.error();
        }
    }
    return done;
}

result<done_t> sync_file(disk& disk, std::string_view path) {
    auto opened = disk.open(path, open_mode::read_write);
    if (!opened) {
        return opened.error().code == errc::not_found ? result<done_t>{done} : opened.error();
    }
    return (*opened)->sync();
}

result<done_t> sync_log_directory(disk& disk, std::string_view directory) {
    if (const auto synced = sync_identity(disk, directory); !synced) {
        return synced;
    }
    if (const auto synced = disk.sync_directory(directory); !synced) {
        return synced.error();
    }
    return sync_parents(disk, directory);
}

result<done_t> sync_log_directories(disk& disk,
                                    const std::set<std::string, std::less<>>& directories) {
    const auto is_gone = [](const result<done_t>& synced) {
        return !synced && synced.error().code == errc::not_found;
    };
    std::set<std::string_view> all;
    for (const std::string& directory : directories) {
        const auto synced = sync_identity(disk, directory);
        if (is_gone(synced)) {
            continue;
        }
        if (!synced) {
            return synced;
        }
        for (std::string_view at = directory; !at.empty(); at = parent_of(at)) {
            all.insert(at);
        }
        all.insert("");
    }
    for (const std::string_view directory : all) {
        if (const auto synced = disk.sync_directory(directory); !synced && !is_gone(synced)) {
            return synced;
        }
    }
    return done;
}

}  // namespace iggy::storage
