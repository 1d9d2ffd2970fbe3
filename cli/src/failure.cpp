#include "failure.hpp"

#include <fmt/format.h>

namespace iggy::cli {

std::string describe(const failure& why) {
    if (why.of_connection) {
        return fmt::format("Error: IggyClient({})\n{}{}", why.context, why.cause,
                           why.cause.empty() ? "" : "\n");
    }
    if (why.cause.empty()) {
        return fmt::format("Error: CommandError({})\n", why.context);
    }
    return fmt::format("Error: CommandError({}\n\nCaused by:\n    {})\n", why.context, why.cause);
}

failure failed(std::string context, const client::error& why) {
    return {std::move(context), client::describe(why), false};
}

failure tool_error(std::string cause) {
    return {"Iggy command line tool error", std::move(cause), false};
}

failure cannot_connect(const client::error& why) {
    return {"CannotEstablishConnection", client::describe(why), true};
}

}  // namespace iggy::cli
