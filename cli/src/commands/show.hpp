#pragma once

#include <string_view>

#include "../arguments.hpp"
#include "../output.hpp"
#include "../table.hpp"

namespace iggy::cli {

inline std::string_view to_text(list_mode mode) {
    return mode == list_mode::table ? "table" : "list";
}

/// Prints rows as the list mode says; a list without rows prints nothing.
inline void show(output& out, const table& rows, list_mode mode) {
    if (mode == list_mode::table) {
        out.text(rows.framed());
    } else if (!rows.empty()) {
        out.text(rows.list());
    }
}

/// `s` for more than one.
inline std::string_view plural(std::uint64_t count) { return count > 1 ? "s" : ""; }

}  // namespace iggy::cli
