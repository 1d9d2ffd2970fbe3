#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include <iggy/base/ids.hpp>
#include <iggy/storage/disk.hpp>
#include <iggy/storage/error.hpp>

// Names and small files inside a log's directory. See docs/formats/segment.md.
namespace iggy::storage {

inline constexpr std::string_view messages_extension = ".log";
inline constexpr std::string_view index_extension = ".sparse";
inline constexpr std::string_view identity_file_name = "log.identity";
inline constexpr std::string_view offsets_file_name = "stored.offsets";
inline constexpr std::string_view next_segment_file_name = "next.segment";

/// `directory/00000000000000000042.log`
std::string segment_file_path(std::string_view directory, message_offset base,
                              std::string_view extension);

std::string next_segment_path(std::string_view directory);

/// Base offset in a name of 20 digits and `extension`; nothing for other names.
std::optional<message_offset> parse_segment_name(std::string_view file_name,
                                                 std::string_view extension);

/// Messages or stored offsets: what in a log's directory is somebody's.
bool is_content(const directory_entry& at);

/// Says whose directory this is, so that files left behind by an unfinished removal are never taken
/// for a new log's.
struct log_identity {
    log_uid uid;
    std::uint32_t generation = 0;
    friend bool operator==(const log_identity&, const log_identity&) = default;
};

/// Makes the directory and its identity file; not yet durable. Errors: io, no_space.
result<done_t> write_identity(disk& disk, std::string_view directory, const log_identity& identity);
/// Nothing when the file is absent or damaged. Errors: io.
result<std::optional<log_identity>> read_identity(disk& disk, std::string_view directory);

/// Makes the log's directory, its identity and the names of its parents durable. Errors: io.
result<done_t> sync_log_directory(disk& disk, std::string_view directory);
/// The same for many, their common parents once; one that is gone is done. Errors: io.
result<done_t> sync_log_directories(disk& disk,
                                    const std::set<std::string, std::less<>>& directories);
/// Makes the names of `path` and of all its parents durable. Errors: io.
result<done_t> sync_parents(disk& disk, std::string_view path);

/// Makes a file's content durable; a missing one is done. Errors: io.
result<done_t> sync_file(disk& disk, std::string_view path);

std::string_view parent_of(std::string_view path) noexcept;

}  // namespace iggy::storage
