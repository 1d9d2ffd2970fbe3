#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "config/load.hpp"
#include "support/temporary_directory.hpp"
#include "support/text_file.hpp"

/// What the tests of the configuration share.
namespace config_support {

/// A machine with eight CPUs, two on each physical core, and 8 GiB.
inline iggy::server::host_facts some_host() {
    return {{0, 1, 2, 3, 4, 5, 6, 7}, {0, 2, 4, 6}, 8ULL << 30U};
}

inline iggy::server::config_result<iggy::server::loaded_config> load(
    std::string_view toml, const iggy::server::environment& variables = {}) {
    return iggy::server::load_config_text(toml, "test.toml", variables, some_host());
}

/// The text for stderr when `toml` is refused, else nothing.
inline std::string refusal(std::string_view toml, const iggy::server::environment& variables = {}) {
    const auto loaded = load(toml, variables);
    return loaded ? "" : describe(loaded.error());
}

/// A directory of its own for one test, with files to be read by the code under test.
class scratch_directory : public temporary_directory {
public:
    std::filesystem::path write(const std::string& name, std::string_view text) const {
        const std::filesystem::path file = *this / name;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream{file, std::ios::binary} << text;
        return file;
    }
};

/// Whether some notice has `part` in its text.
inline bool has_notice(const iggy::server::loaded_config& loaded, bool warning,
                       std::string_view part) {
    for (const auto& notice : loaded.notices) {
        if (notice.warning == warning && notice.text.find(part) != std::string::npos) {
            return true;
        }
    }
    return false;
}

}  // namespace config_support
