#include "config/similar_names.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace iggy::server {
namespace {

constexpr std::size_t name_bytes_max = 200;  // longer ones have no similar key

std::size_t edit_distance(std::string_view left, std::string_view right) {
    std::vector<std::size_t> row(right.size() + 1);
    std::iota(row.begin(), row.end(), 0U);
    for (std::size_t i = 0; i < left.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < right.size(); ++j) {
            const std::size_t replaced = diagonal + (left[i] == right[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row.back();
}

}  // namespace

std::vector<std::string> similar_names(std::string_view name,
                                       const std::vector<std::string>& candidates) {
    constexpr std::size_t names_max = 3;
    std::vector<std::pair<std::size_t, std::string>> near;
    for (const std::string& candidate : candidates) {
        const std::size_t longer = std::max(name.size(), candidate.size());
        if (longer > name_bytes_max) {
            continue;
        }
        const std::size_t distance = edit_distance(name, candidate);
        if (distance <= std::max<std::size_t>(3, longer * 3 / 10)) {
            near.emplace_back(distance, candidate);
        }
    }
    std::ranges::sort(near);
    std::vector<std::string> names;
    for (std::size_t i = 0; i < std::min(near.size(), names_max); ++i) {
        names.push_back(near[i].second);
    }
    return names;
}

std::string did_you_mean(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) {
        text += text.empty() ? "; did you mean " : " or ";
        text += name;
    }
    return text.empty() ? text : text + "?";
}

}  // namespace iggy::server
