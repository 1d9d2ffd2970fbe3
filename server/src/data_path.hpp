#pragma once

#include <memory>

#include <iggy/base/text_error.hpp>
#include <iggy/storage/data_directory.hpp>

#include "config/server_config.hpp"

namespace iggy::server {

/// `--fresh`: removes the data directory, but only one that a server made. Errors: it is something
/// else, or cannot be removed.
text_result<done_t> remove_data(const server_config& config);

/// Opens the data directory as the configuration says, locking it. Errors: in use by another
/// server, not a data directory of this server, the disk refuses.
text_result<std::shared_ptr<storage::data_directory>> open_data(const server_config& config);

/// Empties the directory of files that hold for one run of the server.
text_result<done_t> recreate_runtime_directory(const server_config& config);

}  // namespace iggy::server
