#include <iggy/storage/store.hpp>

#include <deque>

#include "store_core.hpp"

namespace iggy::storage {

namespace {

constexpr unsigned threads_max = 64;

auto closing_of(log_uid uid) {
    return [uid](engine& on, operation& op) { return on.close_log(uid, op); };
}
using closing_call = store_call<operation, decltype(closing_of(log_uid{}))>;

}  // namespace

store_result<done_t> store_core::close() {
    assert_may_wait();
    gate.close();
    const std::lock_guard naming{names_mutex};
    if (closed) {
        return close_failure ? store_result<done_t>{*close_failure} : done;
    }
    closed = true;
    std::deque<closing_call> calls;
    for (const auto& [uid, path] : opened) {
        thread_of(uid).post(calls.emplace_back(closing_of(uid)));
    }
    auto call = calls.begin();
    for (const auto& [uid, path] : opened) {
        call->ended.wait();
        if (!call->outcome && !close_failure) {
            close_failure = located(call->outcome.error(), path);
        }
        ++call;
    }
    gate.wait_until_empty();
    for (const auto& thread : threads) {
        thread->stop();
    }
    directory.reset();
    return close_failure ? store_result<done_t>{*close_failure} : done;
}

store_result<store> store::open(const std::string& path, store_options options, unsigned threads) {
    auto core = std::make_shared<store_core>();
    core->place = std::make_shared<const std::string>(path);
    if (threads == 0 || threads > threads_max) {
        return core->located(errc::invalid_argument);
    }
    auto directory = data_directory::open(path, std::move(options));
    if (!directory) {
        return core->located(directory.error());
    }
    core->directory = std::move(*directory);
    store made{core};
    for (unsigned i = 0; i < threads; ++i) {
        auto thread = store_thread::start(core->directory);
        if (!thread) {
            return core->located(thread.error());
        }
        core->threads.push_back(std::move(*thread));
    }
    return made;
}

store& store::operator=(store&& other) noexcept {
    // The one that is replaced closes when `other` goes.
    std::swap(core_, other.core_);
    return *this;
}

store::~store() {
    if (core_) {
        (void)core_->close();  // whoever wants to know how it went calls close()
    }
}

store_result<message_log> store::open_log(std::string_view path, log_options options) {
    core_->assert_may_wait();
    auto core = std::make_shared<log_core>();
    core->owner = core_;
    core->path = path;
    core->place = std::make_shared<const std::string>(*core_->place + '/' + core->path);
    const std::lock_guard naming{core_->names_mutex};
    const call_pass pass{core_->gate};
    if (!pass) {
        return core->located(errc::closed);
    }
    auto uid = core_->directory->find(path);
    if (!uid) {
        const auto created = core_->directory->create_logs({&core->path, 1});
        if (!created) {
            return core->located(created.error());
        }
        uid = created->front();
    }
    core->uid = *uid;
    const auto start = [uid, options](engine& on, operation& op) {
        const auto opened = on.open_log(*uid, options);
        op.outcome = opened ? result<done_t>{done} : opened.error();
        return progress::finished;
    };
    store_call<operation, decltype(start)> call{start};
    if (const auto opened = call.run_on(core_->thread_of(*uid)); !opened) {
        return core->located(opened.error());
    }
    core_->opened.emplace(*uid, core->path);
    return message_log{std::move(core)};
}

store_result<done_t> store::remove_log(std::string_view path) {
    core_->assert_may_wait();
    const auto located = [this, path](const error& failure) {
        return core_->located(failure, path);
    };
    const std::lock_guard naming{core_->names_mutex};
    const call_pass pass{core_->gate};
    if (!pass) {
        return located(errc::closed);
    }
    const auto uid = core_->directory->find(path);
    if (!uid) {
        return located(errc::not_found);
    }
    const auto start = [uid](engine& on, operation& op) { return on.drop_log(*uid, op); };
    store_call<operation, decltype(start)> call{start};
    if (const auto dropped = call.run_on(core_->thread_of(*uid)); !dropped) {
        return located(dropped.error());
    }
    core_->opened.erase(*uid);
    const log_uid gone = *uid;
    if (const auto removed = core_->directory->remove_logs({&gone, 1}); !removed) {
        return located(removed.error());
    }
    return done;
}

store_result<std::vector<std::string>> store::logs() const {
    const call_pass pass{core_->gate};
    if (!pass) {
        return core_->located(errc::closed);
    }
    std::vector<std::string> paths;
    for (log_name& name : core_->directory->logs()) {
        paths.push_back(std::move(name.path));
    }
    return paths;
}

store_result<done_t> store::close() { return core_->close(); }

std::string store::describe(const error& failure) const {
    const call_pass pass{core_->gate};
    return pass ? core_->directory->describe(failure) : storage::describe(core_->located(failure));
}

}  // namespace iggy::storage
