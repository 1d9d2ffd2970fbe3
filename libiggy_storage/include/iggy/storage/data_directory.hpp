#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <iggy/base/ids.hpp>
#include <iggy/storage/disk.hpp>
#include <iggy/storage/error.hpp>
#include <iggy/storage/io_queue.hpp>
#include <iggy/storage/memory.hpp>
#include <iggy/storage/options.hpp>

namespace iggy::storage {

/// Figures of one log, kept by its engine and readable from any thread; each is right on its own,
/// not with the others.
struct log_counters {
    std::atomic<std::uint64_t> messages{0};
    std::atomic<std::uint64_t> bytes{0};
    std::atomic<std::uint64_t> segments{0};
    /// Offset that the next committed message gets; 0 when none was ever committed.
    std::atomic<std::uint64_t> committed_next{0};
};

struct log_name {
    log_uid uid;
    std::string path;
};

/// A data directory that this process owns: its lock, format stamp, list of logs, helper threads
/// and memory limit. Shared by the engines that work on its logs; thread-safe. Calls marked
/// *blocks* wait for the disk: shards call them through `engine::run`.
class data_directory {
public:
    struct state;  ///< the engines' own

    /// Makes the directory when absent. *Blocks.* Errors: locked, foreign_directory,
    /// unsupported_version, invalid_argument (options), no_io_uring, io, no_space.
    static result<std::shared_ptr<data_directory>> open(const std::string& path,
                                                        store_options options = {});
    /// The same on any disk; `make_queue` gives each engine its queue.
    using queue_factory = std::function<result<std::unique_ptr<io_queue>>()>;
    static result<std::shared_ptr<data_directory>> open(std::unique_ptr<disk> disk,
                                                        queue_factory make_queue,
                                                        store_options options = {});
    ~data_directory();

    /// Adds logs, all or none, durably; directories come with the first append. A path is 1 to 200
    /// bytes of names
    /// ([A-Za-z0-9._-], not starting with a dot) with '/' between, the first not one of the store's
    /// own (trash, manifest, iggy.*), and no log lies inside another. *Blocks.* Errors:
    /// invalid_argument, already_exists, io, no_space.
    result<std::vector<log_uid>> create_logs(std::span<const std::string> paths);
    /// Removes logs, durably; none of them is open in an engine. Their files move to the trash and
    /// are freed later. Unknown uids are ignored. *Blocks.* Errors: io, no_space.
    result<done_t> remove_logs(std::span<const log_uid> uids);

    std::vector<log_name> logs() const;
    std::optional<log_uid> find(std::string_view path) const;
    /// Figures of a log, zero until an engine opened it; stays valid after the log is gone.
    std::shared_ptr<log_counters> counters(log_uid uid);

    const store_options& options() const noexcept;
    /// False while the disk is full and the room that is kept for removals is in use: appends and
    /// new logs are refused with no_space. Engines try once a second to have it back.
    bool has_room() const noexcept;
    /// Gives that room to the disk, for something small beside the store that a start cannot do
    /// without. False when it is in use already. *Blocks.*
    bool draw_reserve();
    memory_budget& memory() noexcept;
    /// "io_uring" or "portable", and why when that was not the first choice.
    std::string io_engine_description() const;
    /// describe(error) with the path of its log.
    std::string describe(const error& failure) const;

private:
    friend class engine;
    friend class engine_log;
    explicit data_directory(std::unique_ptr<state> inside);
    static result<std::shared_ptr<data_directory>> open_with(std::unique_ptr<disk> files,
                                                             queue_factory make_queue,
                                                             store_options options);
    std::unique_ptr<state> state_;
};

}  // namespace iggy::storage
