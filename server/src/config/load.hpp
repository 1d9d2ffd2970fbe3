#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/config_error.hpp"
#include "config/environment.hpp"
#include "config/host_facts.hpp"
#include "config/server_config.hpp"

namespace iggy::server {

/// Something to log about how the configuration came about.
struct config_notice {
    bool warning;
    std::string text;
};

/// A configuration that was checked and completed.
struct loaded_config {
    server_config config;
    std::set<std::string, std::less<>> set_keys;  ///< paths that a file or a variable set
    std::vector<config_notice> notices;
};

/// Where a configuration file is looked for when IGGY_CONFIG_PATH names none.
inline constexpr std::string_view default_config_path = "configs/server.toml";

/// Reads the configuration of the server: defaults, over them the TOML file, over it the
/// environment. `directory` is where relative paths are looked up first. A file that is absent is
/// a notice, one that is wrong an error. All faults are reported at once.
config_result<loaded_config> load_config(const environment& variables, const host_facts& host,
                                         const std::filesystem::path& directory);

/// The same with the text of the file given; `name` stands for it in messages.
config_result<loaded_config> load_config_text(std::string_view toml, const std::string& name,
                                              const environment& variables, const host_facts& host);

/// The defaults on this machine.
server_config default_config();

/// Whether IGGY_DISPLAY_CONFIG asks for the effective configuration in the log; it does when unset.
bool config_is_displayed(const environment& variables);

}  // namespace iggy::server
