#pragma once

#include <functional>
#include <string>
#include <vector>

#include <iggy/base/ids.hpp>
#include <iggy/storage/error.hpp>

namespace iggy::server {

/// Whoever runs the logs of partitions, on whichever thread, for the catalog. Called on the
/// catalog's thread, where the callbacks are called as well; they may be called before the call
/// returns.
class partition_owner {
public:
    virtual ~partition_owner() = default;

    /// Opens logs that were just created, before anybody can see their partitions. Errors: the
    /// first failure; the catalog then drops and removes all of them.
    virtual void open_logs(std::vector<log_uid> logs,
                           std::function<void(storage::result<done_t>)> opened) = 0;
    /// Ends all operations on logs whose partitions are gone and forgets them; those that are not
    /// open are passed over. Their files are removed after `dropped` was called.
    virtual void drop_logs(std::vector<log_uid> logs, std::function<void()> dropped) = 0;
};

}  // namespace iggy::server
