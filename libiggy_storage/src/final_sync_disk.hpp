#pragma once

#include <memory>

#include <iggy/storage/disk.hpp>

namespace iggy::storage {

/// The same disk, where a directory that once failed to sync fails ever after: the kernel tells of
/// a failure once, to one of those who sync it, and directories are shared by logs that must all
/// know. `below` must outlive it.
std::unique_ptr<disk> make_final_sync_disk(disk& below);

}  // namespace iggy::storage
