#pragma once

#include <string>
#include <vector>

#include "config/config_value.hpp"
#include "config/environment.hpp"

namespace iggy::server {

/// A value that the environment gives to a key; its origin is the name of the variable.
struct environment_setting {
    std::string path;
    config_value value;
};

/// The keys that `variables` set. Empty variables count as not set. Indexed variables (0 to 9) of
/// a list of tables together build a new list.
std::vector<environment_setting> settings_of(const environment& variables);

/// A warning for each `IGGY_` variable that nothing reads.
std::vector<std::string> unknown_variables(const environment& variables);

}  // namespace iggy::server
