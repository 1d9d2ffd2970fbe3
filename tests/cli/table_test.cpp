#include "table.hpp"

#include "support/catch.hpp"

using iggy::cli::table;

TEST_CASE("table: the frame is as the specification draws it", "[cli]") {
    table rows{{"Property", "Value"}};
    rows.add({"Client ID", "1"});
    rows.add({"Transport", "TCP"});
    CHECK(rows.framed() ==
          "+-----------+-------+\n"
          "| Property  | Value |\n"
          "+===================+\n"
          "| Client ID | 1     |\n"
          "|-----------+-------|\n"
          "| Transport | TCP   |\n"
          "+-----------+-------+");
}

TEST_CASE("table: without rows the header stands alone", "[cli]") {
    const table rows{{"ID", "Name"}};
    CHECK(rows.empty());
    CHECK(rows.framed() ==
          "+----+------+\n"
          "| ID | Name |\n"
          "+===========+\n"
          "+----+------+");
    CHECK(rows.list().empty());
}

TEST_CASE("table: cells of several lines keep the others empty below", "[cli]") {
    table rows{{"Key", "Header: a\nstring"}};
    rows.centre(1);
    rows.add({"x\ny\nz", "v"});
    CHECK(rows.framed() ==
          "+-----+-----------+\n"
          "| Key | Header: a |\n"
          "|     |  string   |\n"
          "+=================+\n"
          "| x   |     v     |\n"
          "| y   |           |\n"
          "| z   |           |\n"
          "+-----+-----------+");
}

TEST_CASE("table: characters outside ASCII are one column wide", "[cli]") {
    table rows{{"Name"}};
    rows.add({"zażółć"});
    rows.add({"abc"});
    CHECK(rows.framed() ==
          "+--------+\n"
          "| Name   |\n"
          "+========+\n"
          "| zażółć |\n"
          "|--------|\n"
          "| abc    |\n"
          "+--------+");
}

TEST_CASE("table: list mode joins cells and leaves the header out", "[cli]") {
    table rows{{"ID", "Name"}};
    rows.add({"0", "a"});
    rows.add({"1", "b"});
    CHECK(rows.list() == "0|a\n1|b");
}

TEST_CASE("table: inside another one it has no borders", "[cli]") {
    table rows{{"Stream ID", "Topic ID"}};
    rows.add({"1", "2"});
    rows.add({"3", "4"});
    CHECK(rows.unframed() ==
          " Stream ID | Topic ID \n"
          "======================\n"
          " 1         | 2        \n"
          "-----------+----------\n"
          " 3         | 4        ");
}
