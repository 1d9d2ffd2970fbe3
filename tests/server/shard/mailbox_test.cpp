#include "shard/mailbox.hpp"

#include <array>
#include <cstddef>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "support/catch.hpp"
#include "tcp/overdraft.hpp"

using iggy::server::letter;
using iggy::server::mailbox;
using iggy::server::overdraft;

namespace {

struct numbered final : letter {
    std::vector<std::size_t>* into = nullptr;
    std::size_t number = 0;
    boost::asio::io_context* stops = nullptr;

    void deliver() noexcept override {
        into->push_back(number);
        if (stops != nullptr) {
            stops->stop();
        }
    }
};

}  // namespace

TEST_CASE("mailbox: letters of each sender arrive once and in order", "[server][shard]") {
    constexpr std::size_t senders = 4;
    constexpr std::size_t letters_each = 10'000;
    boost::asio::io_context context{1};
    const auto work = boost::asio::make_work_guard(context);
    mailbox box{context};
    std::array<std::vector<std::size_t>, senders> arrived;
    std::array<std::vector<numbered>, senders> letters;
    {
        std::vector<std::jthread> threads;
        threads.emplace_back([&context] { context.run(); });
        for (std::size_t sender = 0; sender < senders; ++sender) {
            letters[sender].resize(letters_each);
            threads.emplace_back([&, sender] {
                for (std::size_t i = 0; i < letters_each; ++i) {
                    letters[sender][i].into = &arrived[sender];
                    letters[sender][i].number = i;
                    box.post(letters[sender][i]);
                }
            });
        }
        for (std::size_t sender = 0; sender < senders; ++sender) {
            threads[sender + 1].join();
        }
        std::vector<std::size_t> last;
        numbered end;
        end.into = &last;
        end.stops = &context;
        box.post(end);
        threads.front().join();
    }
    for (const auto& numbers : arrived) {
        REQUIRE(numbers.size() == letters_each);
        for (std::size_t i = 0; i < letters_each; ++i) {
            REQUIRE(numbers[i] == i);
        }
    }
}

TEST_CASE("mailbox: a letter may be posted again while it is delivered", "[server][shard]") {
    struct repeated final : letter {
        mailbox* box = nullptr;
        boost::asio::io_context* context = nullptr;
        int left = 5;
        void deliver() noexcept override {
            if (--left > 0) {
                box->post(*this);
            } else {
                context->stop();
            }
        }
    };
    boost::asio::io_context context{1};
    const auto work = boost::asio::make_work_guard(context);
    mailbox box{context};
    repeated again;
    again.box = &box;
    again.context = &context;
    box.post(again);
    context.run();
    CHECK(again.left == 0);
}

TEST_CASE("overdraft: one at a time may exceed the limit", "[server][tcp]") {
    overdraft limit;
    auto first = limit.try_take();
    CHECK(first);
    CHECK_FALSE(limit.try_take());
    overdraft::permit moved = std::move(first);
    CHECK_FALSE(limit.try_take());
    moved = {};
    CHECK(limit.try_take());
}
