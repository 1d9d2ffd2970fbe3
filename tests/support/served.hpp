#pragma once

#include <map>
#include <string>

#include "support/server_process.hpp"

namespace iggy::test {

/// A server over a directory of its own, both gone at the end.
struct served {
    temporary_directory dir;
    server_process server;

    explicit served(const std::map<std::string, std::string>& environment = {})
        : server{options(dir, environment)} {}

    static server_options options(const temporary_directory& dir,
                                  const std::map<std::string, std::string>& environment) {
        server_options chosen;
        chosen.data_dir = dir / "data";
        chosen.environment = environment;
        return chosen;
    }
};

}  // namespace iggy::test
