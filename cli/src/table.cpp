#include "table.hpp"

#include <algorithm>

#include <iggy/base/assert.hpp>

namespace iggy::cli {
namespace {

std::vector<std::string_view> lines_of(std::string_view cell) {
    std::vector<std::string_view> lines;
    while (true) {
        const auto end = cell.find('\n');
        lines.push_back(cell.substr(0, end));
        if (end == std::string_view::npos) {
            return lines;
        }
        cell.remove_prefix(end + 1);
    }
}

std::size_t cell_width(std::string_view cell) {
    std::size_t width = 0;
    for (const auto line : lines_of(cell)) {
        width = std::max(width, text_width(line));
    }
    return width;
}

std::string padded(std::string_view text, std::size_t width, bool centred) {
    const std::size_t missing = width - text_width(text);
    const std::size_t left = centred ? missing / 2 : 0;
    return std::string(left, ' ') + std::string{text} + std::string(missing - left, ' ');
}

/// A line such as `+----+---+`: `fill` for every column and its padding, `joint` between columns.
std::string rule(const std::vector<std::size_t>& widths, std::string_view edge, char fill,
                 char joint) {
    std::string line{edge};
    for (std::size_t i = 0; i < widths.size(); ++i) {
        line += (i == 0 ? "" : std::string(1, joint)) + std::string(widths[i] + 2, fill);
    }
    return line.append(edge);
}

}  // namespace

std::size_t text_width(std::string_view text) noexcept {
    constexpr unsigned continuation_mask = 0xC0;
    constexpr unsigned continuation = 0x80;
    return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) {
        return (static_cast<unsigned char>(c) & continuation_mask) != continuation;
    }));
}

table::table(row header) : header_{std::move(header)}, centred_(header_.size(), false) {}

void table::add(row cells) {
    IGGY_ASSERT(cells.size() == header_.size(), "a row is written with the columns in view");
    rows_.push_back(std::move(cells));
}

void table::centre(std::size_t column) { centred_.at(column) = true; }

std::vector<std::size_t> table::widths() const {
    std::vector<std::size_t> result(header_.size(), 0);
    const auto widen = [&](const row& cells) {
        for (std::size_t i = 0; i < cells.size(); ++i) {
            result[i] = std::max(result[i], cell_width(cells[i]));
        }
    };
    widen(header_);
    std::ranges::for_each(rows_, widen);
    return result;
}

std::string table::rendered_row(const row& cells, const std::vector<std::size_t>& widths,
                                std::string_view edge) const {
    std::vector<std::vector<std::string_view>> lines;
    std::size_t height = 0;
    for (const auto& cell : cells) {
        lines.push_back(lines_of(cell));
        height = std::max(height, lines.back().size());
    }
    std::string result;
    for (std::size_t at = 0; at < height; ++at) {
        result += at == 0 ? std::string{edge} : "\n" + std::string{edge};
        for (std::size_t i = 0; i < cells.size(); ++i) {
            const auto text = at < lines[i].size() ? lines[i][at] : std::string_view{};
            result += (i == 0 ? " " : "| ") + padded(text, widths[i], centred_[i]) + " ";
        }
        result += edge;
    }
    return result;
}

std::string table::framed() const {
    const auto columns = widths();
    std::string result = rule(columns, "+", '-', '+') + "\n" + rendered_row(header_, columns, "|") +
                         "\n" + rule(columns, "+", '=', '=') + "\n";
    for (std::size_t i = 0; i < rows_.size(); ++i) {
        result += (i == 0 ? "" : rule(columns, "|", '-', '+') + "\n") +
                  rendered_row(rows_[i], columns, "|") + "\n";
    }
    return result + rule(columns, "+", '-', '+');
}

std::string table::unframed() const {
    const auto columns = widths();
    std::string result = rendered_row(header_, columns, "") + "\n" + rule(columns, "", '=', '=');
    for (std::size_t i = 0; i < rows_.size(); ++i) {
        result += (i == 0 ? "" : "\n" + rule(columns, "", '-', '+')) + "\n" +
                  rendered_row(rows_[i], columns, "");
    }
    return result;
}

std::string table::list() const {
    std::string result;
    for (const auto& cells : rows_) {
        result += result.empty() ? "" : "\n";
        for (std::size_t i = 0; i < cells.size(); ++i) {
            result += (i == 0 ? "" : "|") + cells[i];
        }
    }
    return result;
}

}  // namespace iggy::cli
