#include "log_model.hpp"

#include <algorithm>
#include <ranges>
#include <utility>

#include <fmt/format.h>

using iggy::durability;

namespace {

std::string show(const model_message& message) {
    return fmt::format("message {} at offset {}", message.number, message.offset);
}

std::string show(const std::optional<std::uint64_t>& value) {
    return value ? fmt::format("{}", *value) : "none";
}

}  // namespace

bool log_model::keeps_all(crash_kind crash) const noexcept {
    return crash == crash_kind::clean || level_ == durability::synced ||
           (level_ == durability::written && crash == crash_kind::killed);
}

std::uint64_t log_model::send(std::uint32_t count, bool may_be_refused) {
    sent_.push_back(
        {.first_number = next_number_, .count = count, .may_be_refused = may_be_refused});
    next_number_ += count;
    return sent_.back().first_number;
}

void log_model::take(const model_message& message) {
    if (message.offset < given_end_) {
        throw broken_promise{
            fmt::format("{}, but every offset before {} was given", show(message), given_end_)};
    }
    committed_.push_back(message);
    known_next_ = given_end_ = message.offset + 1;
}

void log_model::acknowledge(const std::vector<model_message>& placed) {
    const auto [first_offset, first_number] = placed.front();
    auto first = std::ranges::find_if(sent_, [](const batch& one) { return !one.failed; });
    if (first == sent_.end() || first->first_number != first_number ||
        first->count != placed.size()) {
        throw broken_promise{
            fmt::format("batch of message {} was acknowledged out of order", first_number)};
    }
    const batch acknowledged = *first;
    sent_.erase(sent_.begin(), first + 1);
    if (removing_from_ && !acknowledged.before_removal && first_offset < given_end_) {
        finish_removal();  // it was held back until then
    }
    const auto at = first_from(first_offset);
    if (acknowledged.shown > 0 && at && at->offset == first_offset && at->number != first_number) {
        throw broken_promise{fmt::format("{} was read, then {} acknowledged", show(*at),
                                         show(model_message{first_offset, first_number}))};
    }
    std::ranges::for_each(placed | std::views::drop(acknowledged.shown),
                          [this](const model_message& one) { take(one); });
}

void log_model::fail(std::uint64_t first_number) {
    const auto found = std::ranges::find(sent_, first_number, &batch::first_number);
    if (found == sent_.end()) {
        return;  // went with a removal
    }
    if (found->shown > 0) {
        throw broken_promise{
            fmt::format("batch of message {} was read, then failed", first_number)};
    }
    found->failed = true;
}

void log_model::see(const std::vector<model_message>& shown) {
    auto at =
        std::ranges::lower_bound(committed_, shown.front().offset, {}, &model_message::offset);
    std::size_t known = 0;
    for (; known < shown.size() && at != committed_.end(); ++known, ++at) {
        if (*at != shown[known]) {
            throw broken_promise{
                fmt::format("a read showed {} in place of {}", show(shown[known]), show(*at))};
        }
    }
    for (; known < shown.size(); ++known) {
        const auto next = std::ranges::find_if(
            sent_, [](const batch& one) { return !one.failed && one.shown < one.count; });
        if (next == sent_.end() || next->first_number + next->shown != shown[known].number) {
            throw broken_promise{fmt::format("a read showed {}, which is not the next one sent",
                                             show(shown[known]))};
        }
        take(shown[known]);
        ++next->shown;
    }
}

void log_model::see_nothing(std::uint64_t from, std::uint64_t known_next_then) const {
    const auto missed = first_from(from);
    if (missed && missed->offset < known_next_then) {
        throw broken_promise{
            fmt::format("a read from offset {} did not show {}", from, show(*missed))};
    }
}

std::optional<model_message> log_model::first_from(std::uint64_t offset) const {
    const auto at = std::ranges::lower_bound(committed_, offset, {}, &model_message::offset);
    return at == committed_.end() ? std::nullopt : std::optional{*at};
}

void log_model::flushed(std::uint64_t next, bool synced) {
    written_end_ = std::max(written_end_, next);
    if (synced) {
        synced_end_ = std::max(synced_end_, next);
    }
}

void log_model::start_purge() { start_truncate_after(0); }

void log_model::start_truncate_after(std::uint64_t next) {
    removing_from_ = next;
    for (batch& one : sent_) {
        one.before_removal = true;
    }
}

void log_model::start_truncate_before(std::uint64_t at) {
    start_reaches_ = std::max(start_reaches_, at);
}

log_model::possibility log_model::without_removal() const {
    return {committed_, sent_, stored_, given_end_};
}

log_model::possibility log_model::with_removal() const {
    possibility after = without_removal();
    const std::uint64_t next = *removing_from_;
    while (!after.committed.empty() && after.committed.back().offset >= next) {
        after.committed.pop_back();
    }
    std::erase_if(after.sent, [](const batch& one) { return one.before_removal; });
    for (batch& one : after.sent) {
        one.failed = true;  // removed too, or held back until after the removal
    }
    after.given_end = next;
    lower_stored(after.stored, next);
    return after;
}

void log_model::lower_stored(std::map<std::uint64_t, stored_value>& stored,
                             std::uint64_t next) const {
    const auto lower = [next](stored_value::value& value) {
        if (value && *value >= next) {
            value = next == 0 ? std::nullopt : stored_value::value{next - 1};
        }
    };
    for (auto& [key, of] : stored) {
        lower(of.acknowledged);
        std::ranges::for_each(of.sent, lower);
        std::ranges::for_each(of.possible, lower);
    }
}

void log_model::finish_removal() {
    if (!removing_from_) {
        return;  // an append that waited for it said so before
    }
    possibility after = with_removal();
    committed_ = std::move(after.committed);
    std::erase_if(sent_, [](const batch& one) { return one.before_removal; });
    stored_ = std::move(after.stored);
    given_end_ = known_next_ = after.given_end;
    synced_end_ = std::min(synced_end_, given_end_);
    written_end_ = std::min(written_end_, given_end_);
    start_reaches_ = std::min(start_reaches_, given_end_);
    removing_from_.reset();
}

void log_model::finish_truncate_before(std::uint64_t at, std::uint64_t new_start) {
    while (!committed_.empty() && committed_.front().offset < new_start) {
        if (committed_.front().offset >= at) {
            throw broken_promise{fmt::format("removing what lies before offset {} removed {}", at,
                                             show(committed_.front()))};
        }
        committed_.pop_front();
    }
    start_reaches_ = new_start;
}

void log_model::send_stored(std::uint64_t key, std::optional<std::uint64_t> at) {
    stored_value& of = stored_[key];
    if (of.possible.empty()) {
        of.possible.emplace_back();  // it was never stored
    }
    of.sent.push_back(at);
    of.possible.push_back(at);
}

void log_model::acknowledge_stored(std::uint64_t key) {
    stored_value& of = stored_[key];
    of.acknowledged = of.sent.front();
    of.sent.erase(of.sent.begin());
    if (level_ == durability::synced) {
        of.possible = of.sent;
        of.possible.push_back(of.acknowledged);
    }
}

void log_model::check_stored(std::uint64_t key, std::optional<std::uint64_t> found) const {
    const auto of = stored_.find(key);
    const bool as_expected = of == stored_.end()       ? !found
                             : of->second.sent.empty() ? found == of->second.acknowledged
                                                       : true;
    if (!as_expected) {
        throw broken_promise{
            fmt::format("the stored offset of {} is {}, not {}", key, show(found),
                        of == stored_.end() ? "none" : show(of->second.acknowledged))};
    }
}

std::optional<std::uint64_t> log_model::lowest_stored() const {
    std::optional<std::uint64_t> lowest;
    for (const auto& [key, of] : stored_) {
        if (of.acknowledged && (!lowest || *of.acknowledged < *lowest)) {
            lowest = of.acknowledged;
        }
    }
    return lowest;
}

void log_model::recover(const recovered_log& found, crash_kind crash, bool settled) {
    for (std::size_t i = 1; i < found.messages.size(); ++i) {
        if (found.messages[i].offset <= found.messages[i - 1].offset ||
            found.messages[i].number <= found.messages[i - 1].number) {
            throw broken_promise{fmt::format("after a restart {} follows {}",
                                             show(found.messages[i]), show(found.messages[i - 1]))};
        }
    }
    possibility before = without_removal();
    std::string complaint = compare(before, found, crash);
    if (complaint.empty()) {
        if (removing_from_ && compare(with_removal(), found, crash).empty()) {
            before.given_end = *removing_from_;  // nobody can tell
        }
        adopt(before, found, crash, settled);
        return;
    }
    if (removing_from_) {
        const possibility after = with_removal();
        const std::string other = compare(after, found, crash);
        if (other.empty()) {
            adopt(after, found, crash, settled);
            return;
        }
        complaint += fmt::format("; had what lies from offset {} on been removed: {}",
                                 *removing_from_, other);
    }
    throw broken_promise{"after a restart " + complaint};
}

/// What contradicts the expectation; empty when nothing does.
std::string log_model::compare(const possibility& expected, const recovered_log& found,
                               crash_kind crash) const {
    auto at = expected.committed.begin();
    while (at != expected.committed.end() && at->offset < found.start) {
        if (at->offset >= start_reaches_) {
            if (found.messages.empty()) {
                break;  // the start of an empty log tells nothing
            }
            return fmt::format("{} lies before the start at {}", show(*at), found.start);
        }
        ++at;
    }
    std::size_t known = 0;
    for (; known < found.messages.size() && at != expected.committed.end(); ++known, ++at) {
        const model_message& message = found.messages[known];
        if (message != *at) {
            return fmt::format("there is {} in place of {}", show(message), show(*at));
        }
    }
    const std::uint64_t kept_end = crash == crash_kind::power_cut ? synced_end_ : written_end_;
    if (at != expected.committed.end() && (keeps_all(crash) || at->offset < kept_end)) {
        return fmt::format("{} is lost, and {} after it", show(*at),
                           expected.committed.end() - at - 1);
    }
    if (std::string wrong = compare_sent(expected, found, known); !wrong.empty()) {
        return wrong;
    }
    const std::uint64_t known_end =
        expected.committed.empty() ? 0 : expected.committed.back().offset + 1;
    const std::uint64_t end = level_ == durability::synced ? expected.given_end : known_end;
    if (keeps_all(crash) && found.next < end) {
        return fmt::format("offset {} is next, but every offset before {} was given", found.next,
                           end);
    }
    if (!found.messages.empty() && found.next <= found.messages.back().offset) {
        return fmt::format("offset {} is next after {}", found.next, show(found.messages.back()));
    }
    return compare_stored(expected, found, crash);
}

/// The messages from `from` on must be the first of those that were on their way. A batch that
/// failed may be left out; of one that did not come to its end only the beginning may be there.
std::string log_model::compare_sent(const possibility& expected, const recovered_log& found,
                                    std::size_t from) const {
    auto at = expected.sent.begin();
    std::uint64_t taken = at == expected.sent.end() ? 0 : at->shown;
    for (std::size_t i = from; i < found.messages.size(); ++i) {
        const model_message& message = found.messages[i];
        while (at != expected.sent.end() &&
               (taken == at->count || (taken == 0 && (at->failed || at->may_be_refused))) &&
               message.number >= at->first_number + at->count) {
            ++at;
            taken = at == expected.sent.end() ? 0 : at->shown;
        }
        if (at == expected.sent.end() || message.number != at->first_number + taken) {
            return fmt::format("there is {}, which should not be there", show(message));
        }
        if (message.offset < expected.given_end) {
            return fmt::format("there is {}, but every offset before {} was given", show(message),
                               expected.given_end);
        }
        ++taken;
    }
    return {};
}

std::string log_model::compare_stored(const possibility& expected, const recovered_log& found,
                                      crash_kind crash) const {
    for (const auto& [key, of] : expected.stored) {
        const auto there = found.stored.find(key);
        const auto value = there == found.stored.end() ? stored_value::value{}
                                                       : stored_value::value{there->second};
        std::vector<stored_value::value> allowed = of.sent;
        allowed.push_back(of.acknowledged);
        if (!keeps_all(crash)) {
            allowed.insert(allowed.end(), of.possible.begin(), of.possible.end());
        }
        const bool as_allowed = std::ranges::any_of(allowed, [&](const auto& one) {
            const bool is_past_the_end = one && *one >= found.next;
            return value == one || (is_past_the_end && found.next > 0 && value == found.next - 1) ||
                   (is_past_the_end && found.next == 0 && !value);
        });
        if (!as_allowed) {
            return fmt::format("the stored offset of {} is {}, not {}", key, show(value),
                               show(of.acknowledged));
        }
    }
    for (const auto& [key, value] : found.stored) {
        if (!expected.stored.contains(key)) {
            return fmt::format("the stored offset of {} is {}, but none was", key, value);
        }
    }
    return {};
}

void log_model::adopt(const possibility& was, const recovered_log& found, crash_kind crash,
                      bool settled) {
    committed_.assign(found.messages.begin(), found.messages.end());
    sent_.clear();
    known_next_ = found.messages.empty() ? found.start : found.messages.back().offset + 1;
    const bool keeps = keeps_all(crash) || offsets_never_given_twice_;
    given_end_ = keeps ? std::max(was.given_end, known_next_) : found.next;
    // What a power cut left is on the disk, what a kill left is in the kernel's hands.
    written_end_ = known_next_;
    synced_end_ = crash == crash_kind::killed ? std::min(synced_end_, known_next_) : known_next_;
    start_reaches_ = found.start;
    removing_from_.reset();
    stored_ = was.stored;
    for (auto& [key, of] : stored_) {
        const auto there = found.stored.find(key);
        of.acknowledged = there == found.stored.end() ? stored_value::value{}
                                                      : stored_value::value{there->second};
        of.sent.clear();
        if (settled || level_ == durability::synced) {
            of.possible.clear();
        }
        of.possible.push_back(of.acknowledged);
    }
}
