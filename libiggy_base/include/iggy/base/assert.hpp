#pragma once

#include <cstdio>
#include <cstdlib>

/// Stops the process when an invariant of ours is broken; on in every build. Input, disk, network
/// and peers never trip it: those are reported as errors.
#define IGGY_ASSERT(condition, why)                                                             \
    do {                                                                                        \
        if (!(condition)) [[unlikely]] {                                                        \
            std::fprintf(stderr, "%s:%d: invariant broken: %s (%s)\n", __FILE__, __LINE__, why, \
                         #condition);                                                           \
            std::abort();                                                                       \
        }                                                                                       \
    } while (false)
