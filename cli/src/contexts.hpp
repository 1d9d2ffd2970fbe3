#pragma once

#include "arguments.hpp"
#include "failure.hpp"
#include "output.hpp"

namespace iggy::cli {

/// Contexts live in `contexts.toml` under $IGGY_HOME (else ~/.iggy): one table for each, readable
/// by its owner alone, since it holds passwords. `.active_context` beside it names the active one;
/// without it that is `default`, which always exists.

/// The options of the active context. Errors: a file that cannot be read or parsed, an active
/// context that does not exist.
result<connection_arguments> read_active_context();

/// What the command line leaves open is taken from the context. Credentials of the command line
/// replace those of the context as a whole.
connection_arguments merged(connection_arguments command_line, const connection_arguments& context);

outcome execute(const context_list_command& command, output& out);
outcome execute(const context_use_command& command, output& out);
outcome execute(const context_create_command& command, output& out);
outcome execute(const context_delete_command& command, output& out);

}  // namespace iggy::cli
