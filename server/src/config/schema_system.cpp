#include "config/schema_sections.hpp"

namespace iggy::server {
namespace {

using enum key_status;

}  // namespace

/// Keys of data, memory, logging and shards.
void add_system_keys(std::vector<config_key>& keys) {
    keys.insert(
        keys.end(),
        {
            row<codec::filled_text>("system.path", "\"local_data\"", used,
                                    "Data directory; relative to the working directory",
                                    [](auto& c) -> auto& { return c.system.path; }),
            row<codec::text>("system.backup.path", "\"backup\"", inert, "Directory of backups",
                             [](auto& c) -> auto& { return c.system.backup.path; }),
            row<codec::text>("system.backup.compatibility.path", "\"compatibility\"", inert,
                             "Directory of converted data",
                             [](auto& c) -> auto& { return c.system.backup.compatibility.path; }),
            row<codec::boolean>("system.state.enforce_fsync", "false", inert,
                                "The catalog's log is always synced",
                                [](auto& c) -> auto& { return c.system.state.enforce_fsync; }),
            row<codec::u32>(
                "system.state.max_file_operation_retries", "1", inert,
                "Failed file operations are not retried",
                [](auto& c) -> auto& { return c.system.state.max_file_operation_retries; }),
            row<codec::duration>("system.state.retry_delay", "\"1s\"", inert,
                                 "Delay of such retries",
                                 [](auto& c) -> auto& { return c.system.state.retry_delay; }),
            row<codec::directory_name>("system.runtime.path", "\"runtime\"", used,
                                       "Directory below `system.path`, made anew at each start; "
                                       "`current_config.toml` is there",
                                       [](auto& c) -> auto& { return c.system.runtime.path; }),
            row<codec::filled_text>("system.logging.path", "\"logs\"", used,
                                    "Directory of log files, below `system.path` unless absolute",
                                    [](auto& c) -> auto& { return c.system.logging.path; }),
            row<codec::text>("system.logging.level", "\"info\"", used,
                             "Log filter: a level, or a list such as `info,server::tcp=debug`; "
                             "`RUST_LOG` overrides it",
                             [](auto& c) -> auto& { return c.system.logging.level; }),
            row<codec::boolean>("system.logging.file_enabled", "true", used,
                                "Log to a file as well as to the standard output",
                                [](auto& c) -> auto& { return c.system.logging.file_enabled; }),
            row<codec::size>("system.logging.max_file_size", "\"500 MB\"", used,
                             "Rotate the log file at this size, and each hour; 0: never",
                             [](auto& c) -> auto& { return c.system.logging.max_file_size; }),
            row<codec::size>("system.logging.max_total_size", "\"4 GB\"", used,
                             "Delete the oldest rotated files beyond this sum; 0: no limit",
                             [](auto& c) -> auto& { return c.system.logging.max_total_size; }),
            row<codec::duration>(
                "system.logging.rotation_check_interval", "\"1h\"", used,
                "Between searches for log files to delete",
                [](auto& c) -> auto& { return c.system.logging.rotation_check_interval; }),
            row<codec::duration>("system.logging.retention", "\"7days\"", used,
                                 "Delete rotated log files older than this",
                                 [](auto& c) -> auto& { return c.system.logging.retention; }),
            row<codec::duration>(
                "system.logging.sysinfo_print_interval", "\"10s\"", planned,
                "Between lines about CPU, memory and traffic; 0: none",
                [](auto& c) -> auto& { return c.system.logging.sysinfo_print_interval; }),
            row<codec::directory_name>("system.stream.path", "\"streams\"", used,
                                       "Name of the directory of streams",
                                       [](auto& c) -> auto& { return c.system.stream.path; }),
            row<codec::directory_name>("system.topic.path", "\"topics\"", used,
                                       "Name of the directories of topics",
                                       [](auto& c) -> auto& { return c.system.topic.path; }),
            row<codec::topic_size>("system.topic.max_size", "\"unlimited\"", planned,
                                   "Largest size of topics that leave it to the server",
                                   [](auto& c) -> auto& { return c.system.topic.max_size; }),
            row<codec::expiry>("system.topic.message_expiry", "\"none\"", planned,
                               "Life of messages in topics that leave it to the server",
                               [](auto& c) -> auto& { return c.system.topic.message_expiry; }),
            row<codec::directory_name>("system.partition.path", "\"partitions\"", used,
                                       "Name of the directories of partitions",
                                       [](auto& c) -> auto& { return c.system.partition.path; }),
            row<codec::word<iggy::durability>>(
                "system.partition.durability", "\"written\"", used,
                "When messages count as stored, so are acknowledged and visible: `memory` (in the "
                "server), `written` (handed to the kernel, survives a kill), `synced` (on the "
                "disk, survives power loss)",
                [](auto& c) -> auto& { return c.system.partition.durability; }),
            row<codec::positive_u32>(
                "system.partition.messages_required_to_save", "1024", used,
                "`memory` only: write when so many messages are buffered",
                [](auto& c) -> auto& { return c.system.partition.messages_required_to_save; }),
            row<codec::size_of_at_least_one>(
                "system.partition.size_of_messages_required_to_save", "\"1 MiB\"", used,
                "`memory` only: write when so many bytes are buffered",
                [](auto& c) -> auto& {
                    return c.system.partition.size_of_messages_required_to_save;
                }),
            row<codec::boolean>("system.partition.enforce_fsync", "false", used,
                                "True means `durability = \"synced\"`",
                                [](auto& c) -> auto& { return c.system.partition.enforce_fsync; }),
            row<codec::boolean>(
                "system.partition.validate_checksum", "false", inert,
                "Checksums are always verified",
                [](auto& c) -> auto& { return c.system.partition.validate_checksum; }),
            row<codec::size_of_at_least_one>(
                "system.segment.size", "\"1 GiB\"", used,
                "A segment that reaches it is closed, a partition's first ones earlier; at most 1 "
                "GiB, a multiple of 512 B",
                [](auto& c) -> auto& { return c.system.segment.size; }),
            row<codec::index_cache>(
                "system.segment.cache_indexes", "\"open_segment\"", inert,
                "Indexes are sparse and cached as memory allows",
                [](auto& c) -> auto& { return c.system.segment.cache_indexes; }),
            row<codec::boolean>("system.segment.archive_expired", "false", inert,
                                "Keep expired segments elsewhere",
                                [](auto& c) -> auto& { return c.system.segment.archive_expired; }),
            row<codec::boolean>("system.encryption.enabled", "false", planned,
                                "Encrypt stored payloads; refused at start until this version can",
                                [](auto& c) -> auto& { return c.system.encryption.enabled; }),
            secret_row<codec::text>("system.encryption.key", "\"\"", planned, "Base64 of 32 bytes",
                                    [](auto& c) -> auto& { return c.system.encryption.key; }),
            row<codec::boolean>(
                "system.compression.allow_override", "false", inert,
                "Topics may choose another algorithm",
                [](auto& c) -> auto& { return c.system.compression.allow_override; }),
            row<codec::word<compression_algorithm>>(
                "system.compression.default_algorithm", "\"none\"", inert,
                "Compression of messages",
                [](auto& c) -> auto& { return c.system.compression.default_algorithm; }),
            row<codec::boolean>(
                "system.message_deduplication.enabled", "false", planned,
                "Drop messages whose id was seen recently in the partition",
                [](auto& c) -> auto& { return c.system.message_deduplication.enabled; }),
            row<codec::u64>(
                "system.message_deduplication.max_entries", "10000", planned,
                "Remembered ids of a partition; 0: no limit",
                [](auto& c) -> auto& { return c.system.message_deduplication.max_entries; }),
            row<codec::duration>(
                "system.message_deduplication.expiry", "\"1m\"", planned,
                "How long an id is remembered; 0: for ever",
                [](auto& c) -> auto& { return c.system.message_deduplication.expiry; }),
            row<codec::boolean>(
                "system.recovery.recreate_missing_state", "false", inert, "Recovery never needs it",
                [](auto& c) -> auto& { return c.system.recovery.recreate_missing_state; }),
            row<codec::memory_limit>("system.memory.limit", "\"auto\"", used,
                                     "Limit of all buffers, caches and indexes, at least 64 MiB. "
                                     "`auto`: `system.memory_pool.size` if that is set, else a "
                                     "quarter of the memory, at most 4 GiB",
                                     [](auto& c) -> auto& { return c.system.memory.limit; }),
            row<codec::boolean>("system.memory_pool.enabled", "true", inert,
                                "The memory limit always holds",
                                [](auto& c) -> auto& { return c.system.memory_pool.enabled; }),
            row<codec::size>("system.memory_pool.size", "\"4 GiB\"", used,
                             "Name of the limit in Apache Iggy: stands for `system.memory.limit` "
                             "when only this is set",
                             [](auto& c) -> auto& { return c.system.memory_pool.size; }),
            row<codec::u32>("system.memory_pool.bucket_capacity", "8192", inert,
                            "Buffers of each size class",
                            [](auto& c) -> auto& { return c.system.memory_pool.bucket_capacity; }),
            row<codec::word<io_engine>>("system.io.engine", "\"auto\"", used,
                                        "`io_uring`, `portable` (system calls and a thread), or "
                                        "`auto`: io_uring where the kernel allows it",
                                        [](auto& c) -> auto& { return c.system.io.engine; }),
            row<codec::cpus>(
                "system.sharding.cpu_allocation", "\"numa:auto\"", used,
                "Shards and their CPUs: `all`, `4`, `2..6`, or the physical cores of the machine",
                [](auto& c) -> auto& { return c.system.sharding.cpu_allocation; }),
        });
}

}  // namespace iggy::server
