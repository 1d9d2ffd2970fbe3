#pragma once

#include <cstdint>
#include <memory>

#include <iggy/storage/error.hpp>
#include <iggy/storage/io_queue.hpp>
#include "worker_pool.hpp"

namespace iggy::storage {

// The queues. A pool given to one must outlive it.

/// One io_uring; files without a descriptor and `run` jobs go to the pool. Errors: io, with
/// the errno of the kernel's refusal.
result<std::unique_ptr<io_queue>> make_uring_queue(worker_pool& pool);

/// Everything through the pool's threads and the calls of `file`. Errors: io (no descriptors left).
result<std::unique_ptr<io_queue>> make_thread_queue(worker_pool& pool);

/// For tests: no threads; `reap` itself executes what was submitted. With seed 0 all of it in the
/// order it came, else a part of it in an order that the seed decides. Errors: io (no descriptors
/// left).
result<std::unique_ptr<io_queue>> make_step_queue(std::uint64_t seed);

}  // namespace iggy::storage
