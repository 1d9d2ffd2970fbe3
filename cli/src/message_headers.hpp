#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <iggy/base/bytes.hpp>
#include <iggy/base/text_error.hpp>
#include <iggy/protocol/user_headers.hpp>

namespace iggy::cli {

/// Reads user headers from a list `key:kind:value,key:kind:value`. A value may contain `:` but no
/// comma; kinds are written in any case. Errors: no kind or value, an unknown kind, a value that
/// the kind cannot hold, a key or value without 1 to 255 bytes.
text_result<std::vector<protocol::user_header>> parse_headers(std::string_view list);

/// One header as it is shown.
struct shown_header {
    std::string key;
    std::string kind;
    std::string value;
};

/// The headers of a message as text; none when they are malformed.
std::vector<shown_header> shown_headers(byte_view bytes);

}  // namespace iggy::cli
