#pragma once

#include <map>
#include <memory>
#include <optional>

#include "data_directory_state.hpp"
#include "file_cache.hpp"
#include "found_journal.hpp"
#include "stored_offsets.hpp"

namespace iggy::storage {

/// Moves away what an earlier life of the log left in its directory; tells whether the directory is
/// the log's own. Its identity is written again when what was found proves nothing. Blocks. Errors:
/// io, no_space.
result<bool> claim_directory(data_directory::state& directory, const log_entry& known);

/// Writes what the journal says to where it belongs, before any log is opened. Writing what is
/// there already changes nothing; what recovery then finds behind a hole it cuts off. Blocks.
class journal_replay {
public:
    explicit journal_replay(data_directory::state& directory);
    ~journal_replay();

    /// Errors: io, no_space.
    result<done_t> apply(const journal_entry& entry);
    /// Makes all of it durable. Errors: io.
    result<done_t> finish();

private:
    struct log;
    result<log*> find(const journal_entry& entry);
    result<done_t> prepare(log& at);

    data_directory::state& directory_;
    file_cache files_;
    std::map<log_uid, std::unique_ptr<log>> logs_;
};

}  // namespace iggy::storage
