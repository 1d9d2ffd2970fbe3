#include "shard/log_exchange.hpp"

#include <algorithm>

namespace iggy::server {

namespace {

constexpr std::chrono::milliseconds wish_lasts{200};
constexpr std::chrono::milliseconds rest_least{50};
constexpr std::chrono::hours rest_most{1};
/// More are forgotten, not refused.
constexpr std::size_t wishes_max = 256;
constexpr std::size_t rests_max = 8192;

}  // namespace

std::optional<log_uid> log_exchange::wish(log_uid log, std::size_t from, std::size_t to,
                                          clock::time_point now) {
    const std::lock_guard lock{mutex_};
    std::erase_if(wanted_,
                  [&](const wanted& each) { return each.until <= now || each.log == log; });
    const auto known = rests_.find(log);
    if (known != rests_.end() && now < known->second.until) {
        return std::nullopt;
    }
    const auto opposite = std::ranges::find_if(
        wanted_, [&](const wanted& each) { return each.from == to && each.to == from; });
    if (opposite == wanted_.end()) {
        if (wanted_.size() < wishes_max) {
            wanted_.push_back({log, from, to, now + wish_lasts});
        }
        return std::nullopt;
    }
    const log_uid in_return = opposite->log;
    wanted_.erase(opposite);
    return in_return;
}

void log_exchange::note_move(log_uid log, clock::time_point now) {
    const std::lock_guard lock{mutex_};
    if (rests_.size() >= rests_max) {
        std::erase_if(rests_, [now](const auto& each) { return each.second.until <= now; });
    }
    std::erase_if(wanted_, [log](const wanted& each) { return each.log == log; });
    rest& of = rests_[log];
    of.length = std::clamp<clock::duration>(of.length * 2, rest_least, rest_most);
    of.until = now + of.length;
}

}  // namespace iggy::server
