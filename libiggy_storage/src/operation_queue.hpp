#pragma once

#include <iggy/storage/engine.hpp>

namespace iggy::storage {

/// First in, first out, through the operations themselves: nothing is allocated.
class operation_queue {
public:
    bool empty() const noexcept { return first_ == nullptr; }
    operation& front() const noexcept { return *first_; }

    void push(operation& op) noexcept {
        op.next_ = nullptr;
        if (first_ == nullptr) {
            first_ = &op;
        } else {
            last_->next_ = &op;
        }
        last_ = &op;
    }

    operation& pop() noexcept {
        operation& op = *first_;
        first_ = op.next_;
        return op;
    }

    /// False when it is not in the queue.
    bool remove(operation& op) noexcept {
        operation* before = nullptr;
        for (operation* at = first_; at != nullptr; before = at, at = at->next_) {
            if (at != &op) {
                continue;
            }
            (before == nullptr ? first_ : before->next_) = at->next_;
            if (last_ == at) {
                last_ = before;
            }
            return true;
        }
        return false;
    }

private:
    operation* first_ = nullptr;
    operation* last_ = nullptr;
};

}  // namespace iggy::storage
