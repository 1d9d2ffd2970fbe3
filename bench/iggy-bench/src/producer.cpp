#include "producer.hpp"

namespace iggy::bench {

result<std::optional<step_outcome>> producer::step(clock::time_point due) {
    // A message is as old as the moment at which it should have been sent.
    const auto origin = std::chrono::time_point_cast<timestamp::duration>(wall_clock_at(due));
    const auto batch = batches_.next(origin);
    if (!batch) {
        return batch.error();
    }
    if (const auto answer = over_.exchange(batch->frame); !answer) {
        return answer.error();
    }
    stream_.produced += batch->size.messages;
    return step_outcome{batch->size, std::nullopt};
}

}  // namespace iggy::bench
