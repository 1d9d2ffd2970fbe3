#include <iggy/storage.hpp>
#include <iostream>

int main() {
    auto store =
        iggy::storage::store::open("data", {.durability = iggy::durability::synced}).value();
    auto orders = store.open_log("orders").value();
    auto range = orders.append({"one", "two"}).value();
    auto batch = orders.read({.from = range.first}).value();
    for (const auto& message : batch) {
        std::cout << message.offset().raw() << ' ' << message.text() << '\n';
    }
}
