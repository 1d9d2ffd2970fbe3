#pragma once

#include <memory>

#include <iggy/storage/disk.hpp>

#include "crashing_disk.hpp"

/// A crashing_disk as the process that begins now sees it.
std::unique_ptr<iggy::storage::disk> make_mounted_disk(std::shared_ptr<crashing_disk::state> on);
