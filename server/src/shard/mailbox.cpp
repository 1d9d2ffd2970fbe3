#include "shard/mailbox.hpp"

#include <utility>

#include <boost/asio/post.hpp>

namespace iggy::server {

void mailbox::post(letter& mail) noexcept {
    letter* previous = newest_.load(std::memory_order_relaxed);
    do {
        mail.next_ = previous;
    } while (!newest_.compare_exchange_weak(previous, &mail, std::memory_order_release,
                                            std::memory_order_relaxed));
    if (previous == nullptr) {  // whoever finds the box empty rings; the others are seen with it
        boost::asio::post(context_, [this] { deliver_all(); });
    }
}

void mailbox::deliver_all() noexcept {
    letter* rest = newest_.exchange(nullptr, std::memory_order_acquire);
    letter* oldest = nullptr;
    while (rest != nullptr) {
        letter* const next = std::exchange(rest->next_, oldest);
        oldest = std::exchange(rest, next);
    }
    while (oldest != nullptr) {
        letter* const next = oldest->next_;  // a delivered letter may be gone
        oldest->deliver();
        oldest = next;
    }
}

}  // namespace iggy::server
