#include "data_path.hpp"

#include <cstring>
#include <filesystem>
#include <string>
#include <system_error>

#include <fmt/format.h>

#include "config/runtime_file.hpp"

namespace iggy::server {

namespace fs = std::filesystem;

namespace {

/// What the store writes into a directory that it makes its own.
constexpr const char* stamp_file = "iggy.format";

storage::io_engine engine_of(const server_config& config) {
    switch (config.system.io.engine) {
        case io_engine::automatic:
            return storage::io_engine::automatic;
        case io_engine::io_uring:
            return storage::io_engine::io_uring;
        case io_engine::portable:
            return storage::io_engine::portable;
    }
    return storage::io_engine::automatic;
}

}  // namespace

text_result<done_t> remove_data(const server_config& config) {
    const fs::path path = config.system.path;
    std::error_code ec;
    if (!fs::exists(path, ec) || fs::is_empty(path, ec)) {
        return done;
    }
    if (!fs::exists(path / stamp_file, ec)) {
        return text_error{fmt::format(
            "--fresh leaves {} alone: it is not empty and no data directory of this server. Remove "
            "it by hand, or set system.path (IGGY_SYSTEM_PATH) to another place.",
            path.string())};
    }
    fs::remove_all(path, ec);
    if (ec) {
        return text_error{fmt::format("--fresh cannot remove {}: {}", path.string(), ec.message())};
    }
    return done;
}

text_result<std::shared_ptr<storage::data_directory>> open_data(const server_config& config) {
    storage::store_options options;
    options.durability = config.system.partition.durability;
    options.segment_bytes = config.system.segment.size;
    options.memory_bytes = config.system.memory.limit;
    options.io = engine_of(config);
    options.flush_messages = config.system.partition.messages_required_to_save;
    options.flush_bytes = config.system.partition.size_of_messages_required_to_save;
    auto opened = storage::data_directory::open(config.system.path, options);
    if (!opened && opened.error().code == storage::errc::no_io_uring) {
        return text_error{fmt::format(
            "The data directory {} cannot be opened: system.io.engine (IGGY_SYSTEM_IO_ENGINE) is "
            "\"io_uring\", and io_uring does not work here ({}): {}. Allow it, or set "
            "system.io.engine to \"auto\" or \"portable\".",
            config.system.path, std::strerror(opened.error().sys_errno),
            storage::io_uring_hindrance(opened.error().sys_errno))};
    }
    if (!opened) {
        return text_error{fmt::format("The data directory {} cannot be opened: {}",
                                      config.system.path, storage::describe(opened.error()))};
    }
    return std::move(*opened);
}

text_result<done_t> recreate_runtime_directory(const server_config& config) {
    const fs::path path = runtime_config_path(config).parent_path();
    std::error_code ec;
    fs::remove_all(path, ec);
    if (!ec) {
        fs::create_directories(path, ec);
    }
    if (ec) {
        return text_error{
            fmt::format("The directory {} cannot be made anew: {}", path.string(), ec.message())};
    }
    return done;
}

}  // namespace iggy::server
