#include "engine_loop.hpp"

#include <poll.h>

using namespace iggy;
using namespace iggy::storage;

engine_loop::engine_loop(const std::string& path, store_options options)
    : directory_{data_directory::open(path, std::move(options)).value()},
      engine_{engine::create(directory_).value()} {
    const std::string name = "bench";
    auto uid = directory_->find(name);
    if (!uid) {
        uid = directory_->create_logs({&name, 1}).value().front();
    }
    log_ = engine_->open_log(*uid).value();
}

/// As after a kill: nothing is closed, so that the next opening has to recover.
engine_loop::~engine_loop() {
    while (engine_->in_flight() > 0) {
        turn();
    }
}

void engine_loop::turn() {
    engine_->submit();
    pollfd ready{engine_->event_descriptor(), POLLIN, 0};
    ::poll(&ready, 1, 100);
    engine_->run_ready();
}

void engine_loop::append(byte_span batch) {
    awaited<append_operation> op;
    op.messages = batch;
    wait(op, log_->append(op));
}

void engine_loop::purge() {
    awaited<operation> op;
    wait(op, log_->purge(op));
}
