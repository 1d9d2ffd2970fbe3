#pragma once

#include <string>
#include <utility>

#include <iggy/base/expected.hpp>
#include <iggy/client/error.hpp>

namespace iggy::cli {

/// Why a command ended with exit code 1, as its user reads it.
struct failure {
    /// What was tried: `Problem creating stream (...)`, or the whole story.
    std::string context;
    /// Why it did not work; may be empty.
    std::string cause;
    /// Failed before the command itself, at the connection; `context` is then the error's name.
    bool of_connection = false;
};

/// The text for standard error, with its line end:
/// `Error: CommandError(CONTEXT\n\nCaused by:\n    CAUSE)`.
std::string describe(const failure& why);

using outcome = expected<done_t, failure>;
template <class T>
using result = expected<T, failure>;

/// A failed call to the server: `context` says what the command wanted.
failure failed(std::string context, const client::error& why);
/// A wrong setting or input: the upstream wording with the cause below it.
failure tool_error(std::string cause);
/// The connection could not be made.
failure cannot_connect(const client::error& why);

}  // namespace iggy::cli
