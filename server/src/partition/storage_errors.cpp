#include "partition/storage_errors.hpp"

namespace iggy::server {

protocol::error_code to_error_code(const storage::error& failure) noexcept {
    using protocol::error_code;
    using storage::errc;
    switch (failure.code) {
        case errc::io:
        case errc::no_progress:
            return error_code::io_error;
        case errc::no_space:
            return error_code::cannot_append_to_file;
        case errc::read_only:
            return error_code::cannot_sync_file;
        case errc::corrupt:
            return error_code::invalid_message_checksum;
        case errc::missing_segment:
            return error_code::segment_not_found;
        case errc::not_found:  // the log was removed after the catalog was asked
        case errc::closed:
            return error_code::partition_not_found;
        case errc::invalid_argument:
            return error_code::invalid_offset;
        case errc::too_large:
            return error_code::invalid_messages_size;
        case errc::memory_limit:
        case errc::timeout:
            return error_code::task_timeout;
        case errc::unknown:
        case errc::would_block:
        case errc::already_exists:
        case errc::locked:
        case errc::foreign_directory:
        case errc::unsupported_version:
        case errc::no_io_uring:
            return error_code::error;
    }
    return error_code::error;
}

}  // namespace iggy::server
