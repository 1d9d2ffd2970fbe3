#include <exception>
#include <iggy/client/client.hpp>
#include <iostream>

// Creates a stream and a topic, sends three messages and reads them back.
int main(int argc, char** argv) {
    namespace protocol = iggy::protocol;
    try {
        const char* where = argc > 1 ? argv[1] : "iggy://iggy:iggy@127.0.0.1:8090";
        auto server = iggy::client::client::connect(where).value();

        server.create_stream("example").value();
        server.create_topic({.stream = "example", .partitions_count = 1, .name = "greetings"})
            .value();

        const auto partition = protocol::partitioning::to(iggy::partition_id{0});
        server.send("example", "greetings", partition, {"hello", "from", "C++"}).value();

        protocol::poll_messages request;
        request.consumer = {protocol::consumer_kind::consumer, "reader"};
        request.stream = "example";
        request.topic = "greetings";
        request.partition = iggy::partition_id{0};
        request.strategy = protocol::polling_strategy::next();
        request.count = 10;
        request.auto_commit = true;
        for (const auto batch = server.poll(request).value(); const auto& message : batch) {
            std::cout << message.offset().raw() << ' ' << message.text() << '\n';
        }

        server.delete_stream("example").value();
    } catch (const std::exception& failure) {
        std::cerr << failure.what() << '\n';
        return 1;
    }
}
