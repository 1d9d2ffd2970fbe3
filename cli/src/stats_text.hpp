#pragma once

#include <string>

#include <iggy/protocol/system.hpp>

#include "arguments.hpp"

namespace iggy::cli {

/// Figures of a server in the format asked for, without a line end at the end.
std::string stats_text(const protocol::stats& stats, stats_format format);

}  // namespace iggy::cli
