#pragma once

#include <functional>
#include <optional>
#include <utility>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <iggy/base/assert.hpp>
#include <iggy/storage/engine.hpp>

namespace iggy::storage {

/// Lets one coroutine sleep until somebody on its own thread wakes it. Costs nothing while nobody
/// sleeps.
class sleeper {
public:
    /// Sleeps until `wake`. One coroutine at a time.
    boost::asio::awaitable<void> sleep() {
        return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void()>(
            [this](auto handler) { handler_.emplace(std::move(handler)); },
            boost::asio::use_awaitable);
    }
    bool sleeping() const noexcept { return handler_.has_value(); }
    /// Resumes the coroutine before it returns; this may be gone afterwards.
    void wake() {
        IGGY_ASSERT(sleeping(), "only a coroutine that sleeps is woken");
        auto handler = std::move(*handler_);
        handler_.reset();
        std::move(handler)();
    }

private:
    // In an optional: assigning to an any_completion_handler recurses for ever in Boost 1.81.
    std::optional<boost::asio::any_completion_handler<void()>> handler_;
};

/// Runs an engine on the executor of its thread: watches its descriptor while `start` .. `stop`,
/// and lets coroutines await its operations. Used on that thread alone.
class engine_runner {
public:
    engine_runner(boost::asio::io_context& context, engine& runs)
        : context_{context}, engine_{runs}, watch_{context} {}
    ~engine_runner() {
        stop();
        watch_.release();  // the descriptor is the engine's
    }
    engine_runner(const engine_runner&) = delete;
    engine_runner& operator=(const engine_runner&) = delete;

    /// Begins to watch the engine.
    void start() {
        watch_.assign(engine_.event_descriptor());
        wait();
    }
    /// Ends it; operations that are on their way then stay there. The context must run once more
    /// before this may be destroyed.
    void stop() {
        boost::system::error_code ignored;
        watch_.cancel(ignored);
    }

    /// Hands what was started to the kernel at the end of this turn of the loop. Call it after an
    /// operation was started and is pending.
    void submit_soon() {
        if (!submit_posted_) {
            submit_posted_ = true;
            boost::asio::post(context_, [this] {
                submit_posted_ = false;
                engine_.submit();
            });
        }
    }

private:
    void wait() {
        watch_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                          [this](const boost::system::error_code& ec) {
                              if (!ec) {
                                  engine_.run_ready();
                                  wait();
                              }
                          });
    }

    boost::asio::io_context& context_;
    engine& engine_;
    boost::asio::posix::stream_descriptor watch_;
    bool submit_posted_ = false;
};

/// An operation that a coroutine awaits: `Operation` is `operation`, `append_operation` or
/// `read_operation`. Lives in the frame of that coroutine, which must not be destroyed before the
/// operation is finished.
template <class Operation>
class awaited : public Operation {
public:
    /// Starts the operation by `start(*this)` (one of the calls of engine or engine_log) and
    /// returns its outcome; suspends only when that is pending.
    template <class Start>
    boost::asio::awaitable<result<done_t>> run(engine_runner& runner, Start start) {
        if (start(*this) == progress::pending) {
            runner.submit_soon();
            co_await sleeper_.sleep();
        }
        co_return this->outcome;
    }

    void on_finished() noexcept override { sleeper_.wake(); }

private:
    sleeper sleeper_;
};

/// Runs blocking `work` on a helper thread of the engine and awaits it.
inline boost::asio::awaitable<result<done_t>> run_blocking(engine_runner& runner, engine& on,
                                                           std::function<result<done_t>()> work) {
    awaited<operation> op;
    const auto start = [&on, &work](operation& started) {
        on.run(std::move(work), started);
        return progress::pending;
    };
    co_return co_await op.run(runner, start);
}

}  // namespace iggy::storage
