#include "comparison.hpp"

#include <algorithm>
#include <utility>

namespace iggy::bench {

comparison compare(const target_figures& server, target_figures limit) {
    const double most = median(limit.turn_rates());
    const double share = most > 0 ? median(server.turn_rates()) / most : 0;
    return {std::move(limit), share};
}

double median(std::vector<double> values) {
    std::ranges::sort(values);
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

}  // namespace iggy::bench
