#include "log/setup.hpp"

namespace iggy::server::log {

options options_of(const server_config& config, const environment& variables) {
    const logging_config& logging = config.system.logging;
    options wanted;
    const auto rust_log = variables.find("RUST_LOG");
    wanted.filter = rust_log == variables.end() ? logging.level : rust_log->second;
    wanted.to_file = logging.file_enabled;
    wanted.file = std::filesystem::path{config.system.path} / logging.path / "iggy-server.log";
    wanted.rotation = {logging.max_file_size, logging.max_total_size, logging.retention};
    wanted.clean_every = logging.rotation_check_interval;
    return wanted;
}

}  // namespace iggy::server::log
