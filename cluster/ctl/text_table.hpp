// Columns of text for a terminal: as wide as what stands in them, in characters, not bytes. Not thread safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kieng::cluster::ctl {

class text_table {
public:
    explicit text_table(std::vector<std::string> head) { rows_.push_back(std::move(head)); }
    void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
    // With a line break after each row, the last column unpadded.
    [[nodiscard]] std::string text() const;

private:
    std::vector<std::vector<std::string>> rows_;
};

// "12", "0.4", "1250": a number of milliseconds as people read it.
[[nodiscard]] std::string short_number(double value);

}  // namespace kieng::cluster::ctl
