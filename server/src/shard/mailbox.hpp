#pragma once

#include <atomic>

#include <boost/asio/io_context.hpp>

namespace iggy::server {

/// Something that one shard hands to another. Owned by its sender and must stay where it is until
/// it was delivered.
class letter {
public:
    /// Runs on the receiving shard.
    virtual void deliver() noexcept = 0;

protected:
    ~letter() = default;

private:
    friend class mailbox;
    letter* next_ = nullptr;
};

/// Where other shards leave letters for the thread that runs `context`; delivered in the order in
/// which they came. Any thread may post.
class mailbox {
public:
    explicit mailbox(boost::asio::io_context& context) : context_{context} {}

    /// Takes no lock unless the box was empty; then the loop is told, which enters the kernel only
    /// when it sleeps.
    void post(letter& mail) noexcept;

private:
    void deliver_all() noexcept;

    boost::asio::io_context& context_;
    std::atomic<letter*> newest_{nullptr};
};

}  // namespace iggy::server
