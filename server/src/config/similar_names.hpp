#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace iggy::server {

/// Up to three of `candidates` that `name` may be a slip of, nearest first: those within an edit
/// distance of 3, or of 30 % of the longer name.
std::vector<std::string> similar_names(std::string_view name,
                                       const std::vector<std::string>& candidates);

/// `; did you mean A or B?`, or nothing.
std::string did_you_mean(const std::vector<std::string>& names);

}  // namespace iggy::server
