// Encoding a send copies each payload once (baseline: memcpy); decoding one walks its headers and
// copies nothing. The small commands show the cost of a request that carries no data.

#include <benchmark/benchmark.h>

#include <iggy/protocol/protocol.hpp>

#include "batch.hpp"

using namespace iggy;
using namespace iggy::protocol;

namespace {

std::vector<outgoing_message> messages_of(const std::vector<std::byte>& batch) {
    std::vector<outgoing_message> messages;
    for (const message_view message : message_range{batch}) {
        messages.push_back({.payload = message.payload()});
    }
    return messages;
}

send_messages send_of(const std::vector<outgoing_message>& messages) {
    return {.stream = "orders",
            .topic = "placed",
            .partitioning = partitioning::to(partition_id{0}),
            .messages = messages};
}

void encode_send(benchmark::State& state) {
    const auto batch = make_batch(static_cast<std::size_t>(state.range(0)));
    const auto messages = messages_of(batch);
    const send_messages request = send_of(messages);
    std::vector<std::byte> frame;
    for (auto _ : state) {
        frame.clear();
        encode_request(request, frame).value();
        benchmark::DoNotOptimize(frame.data());
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(frame.size()));
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(messages.size()));
}

void decode_send(benchmark::State& state) {
    const auto batch = make_batch(static_cast<std::size_t>(state.range(0)));
    const auto messages = messages_of(batch);
    std::vector<std::byte> frame;
    encode_request(send_of(messages), frame).value();
    const byte_span payload = byte_span{frame}.subspan(frame_header_bytes);
    for (auto _ : state) {
        auto received = decode_send_messages(payload).value();
        benchmark::DoNotOptimize(received.messages.data());
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(messages.size()));
}

poll_messages poll_request() {
    poll_messages request;
    request.consumer = {consumer_kind::consumer, "reader"};
    request.stream = "orders";
    request.topic = "placed";
    request.partition = partition_id{0};
    request.strategy = polling_strategy::next();
    request.count = 10;
    return request;
}

void encode_poll(benchmark::State& state) {
    const poll_messages request = poll_request();
    std::vector<std::byte> frame;
    for (auto _ : state) {
        frame.clear();
        encode_request(request, frame).value();
        benchmark::DoNotOptimize(frame.data());
    }
    state.SetItemsProcessed(state.iterations());
}

void decode_poll(benchmark::State& state) {
    std::vector<std::byte> bytes;
    encode_request(poll_request(), bytes).value();
    for (auto _ : state) {
        const auto frame = find_request(bytes).value();
        auto request = decode_any_request(frame->code, frame->payload).value();
        benchmark::DoNotOptimize(&request);
    }
    state.SetItemsProcessed(state.iterations());
}

}  // namespace

BENCHMARK(encode_send)->Apply(batch_sizes);
BENCHMARK(decode_send)->Apply(batch_sizes);
BENCHMARK(encode_poll);
BENCHMARK(decode_poll);
