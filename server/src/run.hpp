#pragma once

namespace iggy::server {

/// The whole life of the process `iggy-server`; returns its exit code: 0 after a clean stop, 1
/// when it could not start or failed, 2 for a wrong command line; those of `run_verify` where a
/// check is asked for.
int run(int argc, const char* const* argv);

}  // namespace iggy::server
