#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace iggy::cli {

/// Text in rows and columns. Cells may have several lines. Every row has a cell for each column.
class table {
public:
    using row = std::vector<std::string>;

    explicit table(row header);
    void add(row cells);
    /// Centres the cells of a column; the others stand on the left.
    void centre(std::size_t column);

    /// With a frame of `+ - | =`, as commands print it. No line end at the end.
    std::string framed() const;
    /// Without outer borders, to stand inside a cell of another table.
    std::string unframed() const;
    /// The rows alone, cells joined by `|`, one line each. Empty without rows.
    std::string list() const;
    bool empty() const noexcept { return rows_.empty(); }

private:
    std::vector<std::size_t> widths() const;
    std::string rendered_row(const row& cells, const std::vector<std::size_t>& widths,
                             std::string_view edge) const;

    row header_;
    std::vector<row> rows_;
    std::vector<bool> centred_;
};

/// Columns on a terminal that UTF-8 text takes, one for each character.
std::size_t text_width(std::string_view text) noexcept;

}  // namespace iggy::cli
