#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <iggy/storage/disk.hpp>
#include <iggy/storage/error.hpp>

#include "log_files.hpp"
#include "manifest.hpp"

/// How a manifest that was lost or damaged is completed: from the directories of the logs.
namespace iggy::storage {

/// A directory that says whose it is.
struct found_log {
    std::string path;
    log_identity identity;
};
/// Logs by their identity files. Errors: io.
result<std::vector<found_log>> find_logs(disk& files);

/// What a manifest lacks of the logs that were found. `known.find` of a uid and of a path give
/// what points to a log_entry.
template <class Known>
std::vector<manifest_change> adopting_changes(std::span<const found_log> found,
                                              const Known& known) {
    std::vector<manifest_change> changes;
    for (const auto& [path, identity] : found) {
        const auto entry = known.find(identity.uid);
        if (!entry && !known.find(path)) {
            changes.emplace_back(manifest_record::create{identity.uid, path});
        }
        // The directory knows of a purge or truncation that was lost: what is said of the log is
        // from before it.
        if (!entry || (entry->path == path && entry->generation < identity.generation)) {
            changes.emplace_back(manifest_record::purge{identity.uid, identity.generation});
        }
    }
    return changes;
}

}  // namespace iggy::storage
