#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>

#include <iggy/base/ids.hpp>
#include <iggy/storage/disk.hpp>
#include <iggy/storage/error.hpp>
#include <iggy/storage/options.hpp>

namespace iggy::storage {

/// What the file of the last use says.
enum class session_ending : std::uint8_t {
    in_order,           ///< no file
    killed,             ///< in this boot of the machine
    killed_memory,      ///< the same, and a log was at `memory` level
    machine_restarted,  ///< another boot, or a text that says nothing
};
/// Changes nothing. Errors: io.
result<session_ending> read_session_ending(disk& files);

/// Tells the next start how this one ended: a file that is there, durably, from before the first
/// append until every log was closed in order. It names the boot in which the oldest use began that
/// did not end so, and whether any log was used at `memory` level since. See
/// docs/formats/session.md. Thread-safe.
class session_marker {
public:
    /// Reads what the last use left and begins this one. `logs` are all there are: those that are
    /// not opened keep what is to be settled about them. *Blocks.* Errors: io, no_space.
    static result<std::unique_ptr<session_marker>> begin(disk& files,
                                                         std::span<const log_uid> logs);

    /// Whether offsets may have been given at this level that the files know nothing of.
    bool may_have_lost_offsets(durability level) const noexcept;

    /// A log is in use from here on. *Blocks* at the first one at `memory` level. Errors: io,
    /// no_space.
    result<done_t> opened(log_uid uid, durability level);
    /// All that is known of the log is durable, or the log is gone.
    void settled(log_uid uid);
    /// The end of the use: removes the file when all logs are settled. *Blocks.*
    void end();

private:
    session_marker(disk& files, std::string boot) : files_{files}, boot_{std::move(boot)} {}
    result<done_t> write(bool memory_level);

    disk& files_;
    const std::string boot_;
    bool may_have_lost_offsets_ = false;  // above `synced`
    std::mutex mutex_;
    std::string first_boot_;  // that the file names
    bool memory_level_ = false;
    std::set<log_uid> unsettled_;
};

}  // namespace iggy::storage
