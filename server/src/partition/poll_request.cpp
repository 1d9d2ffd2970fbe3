#include "partition/poll_request.hpp"

namespace iggy::server {

message_offset poll_request::current_offset() const noexcept {
    return message_offset{committed_next.raw() == 0 ? 0 : committed_next.raw() - 1};
}

std::uint64_t poll_request::bytes_behind() const noexcept {
    if (messages_count == 0 || last.next() >= committed_next) {  // more came while it was read
        return 0;
    }
    return (committed_next.raw() - last.next().raw()) * (messages.size() / messages_count);
}

storage::progress poll_request::start(storage::engine_log* log) {
    if (log == nullptr) {
        outcome = storage::error{storage::errc::not_found};
        return storage::progress::finished;
    }
    outcome = done;
    committed_next = log->committed_next();
    if (query_.count == 0 || !resolve_start(*log)) {
        return storage::progress::finished;
    }
    storage::read_operation::count = query_.count;
    if (log->read(*this) == storage::progress::pending) {
        return storage::progress::pending;
    }
    return after_read();
}

bool poll_request::resolve_start(const storage::engine_log& log) {
    using protocol::polling_kind;
    using storage::read_start;
    switch (query_.strategy.kind) {
        case polling_kind::offset:
            storage::read_operation::start = read_start::offset;
            value = query_.strategy.value;
            break;
        case polling_kind::timestamp:
            storage::read_operation::start = read_start::timestamp;
            value = query_.strategy.value;
            break;
        case polling_kind::first:
            storage::read_operation::start = read_start::first;
            break;
        case polling_kind::last:
            storage::read_operation::start = read_start::last;
            break;
        case polling_kind::next: {
            const auto stored = log.stored_offset(query_.consumer);
            storage::read_operation::start = stored ? read_start::offset : read_start::first;
            value = stored ? stored->next().raw() : 0;
            break;
        }
    }
    return storage::read_operation::start != read_start::offset || value < committed_next.raw();
}

void poll_request::on_finished() noexcept {
    if (after_read() == storage::progress::finished) {
        finish();
    } else {
        owner().disk().submit_soon();
    }
}

storage::progress poll_request::after_read() {
    if (!outcome || messages_count == 0 || !query_.auto_commit) {
        return storage::progress::finished;
    }
    storage::engine_log* const log = owner().engine().find(query_.log);
    if (log == nullptr) {  // deleted while it was read
        outcome = storage::error{storage::errc::not_found};
        return storage::progress::finished;
    }
    if (log->store_offset(query_.consumer, last, store_) == storage::progress::pending) {
        return storage::progress::pending;
    }
    outcome = store_.outcome;
    return storage::progress::finished;
}

void poll_request::after_store() noexcept {
    outcome = store_.outcome;
    finish();
}

}  // namespace iggy::server
