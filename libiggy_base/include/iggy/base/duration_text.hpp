#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include <iggy/base/text_error.hpp>

namespace iggy {

/// What `parse_duration` accepts, for error messages.
inline constexpr std::string_view duration_form =
    "a duration with units, such as \"500ms\", \"1h 30m\" or \"7days\", or \"0\" for none";

/// Reads the durations of configuration and command line: numbers with units that add up, letter
/// case ignored; `0`, `none`, `unlimited` and `disabled` are zero. Ignoring case, `1M` is a minute.
/// Errors: no or unknown unit, a fraction that is not exact, more than about 292 years.
/// Source: Iggy 0.8, core/common/src/utils/duration.rs, and humantime 2.3.
text_result<std::chrono::nanoseconds> parse_duration(std::string_view text);

/// The same grammar, except that letter case counts: `1M` is a month, and no word stands for zero.
text_result<std::chrono::nanoseconds> parse_duration_case_sensitive(std::string_view text);

/// `1h 1m 1s`, `7days`, `0s`: every part that is not zero, largest first. Both parsers read it
/// back. A negative duration is shown as zero.
std::string format_duration(std::chrono::nanoseconds duration);

}  // namespace iggy
