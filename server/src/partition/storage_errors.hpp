#pragma once

#include <iggy/protocol/error_code.hpp>
#include <iggy/storage/error.hpp>

namespace iggy::server {

/// What a client is told when an operation on the log of a partition failed.
protocol::error_code to_error_code(const storage::error& failure) noexcept;

}  // namespace iggy::server
