#pragma once

#include <functional>
#include <string>
#include <vector>

#include <iggy/base/ids.hpp>
#include <iggy/client/client.hpp>

#include "failure.hpp"
#include "workload.hpp"

namespace iggy::bench {

/// Sees to the streams and topics that the workload needs. Those that are there are deleted and
/// made anew, unless they are to be reused or are only read. Returns where the consumer of each
/// stream begins: behind what was there before when a producer fills it meanwhile, else at 0.
/// `warn` is told what is deleted. Errors: the server's, a stream that is only read and not there.
result<std::vector<message_offset>> set_up_streams(
    client::client& server, const workload& work,
    const std::function<void(const std::string&)>& warn);

}  // namespace iggy::bench
