// Writes what is generated from the schema of the configuration; a test compares the committed
// copies with it. Usage: iggy_config_files defaults > configs/server.toml, iggy_config_files table.
#include <cstdio>
#include <string_view>

#include "config/render.hpp"

int main(int argc, char** argv) {
    const std::string_view what = argc == 2 ? argv[1] : "";
    if (what == "defaults") {
        std::fputs(iggy::server::render_defaults_file().c_str(), stdout);
        return 0;
    }
    if (what == "table") {
        std::fputs(iggy::server::render_key_table().c_str(), stdout);
        return 0;
    }
    std::fputs("usage: iggy_config_files defaults|table\n", stderr);
    return 2;
}
