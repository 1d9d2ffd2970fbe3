#pragma once

#include <string>

#include "target.hpp"

namespace iggy::bench {

/// A server beside the least that a server can do, both with the same work in the same run.
struct comparison {
    target_figures limit;
    double share = 0;  ///< median of the server's turns over median of the limit's, messages/s
};

comparison compare(const target_figures& server, target_figures limit);

/// Of a list that is not empty.
double median(std::vector<double> values);

}  // namespace iggy::bench
