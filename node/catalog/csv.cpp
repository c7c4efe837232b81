#include "node/catalog/csv.hpp"

#include <utility>

namespace kieng::catalog {

bool csv_reader::put(char c)
{
    if (++bytes_ > kMaxRecordBytes) return false;
    any_ = true;
    cell_ += c;
    return true;
}

void csv_reader::end_cell()
{
    if (record_.cells.size() < kMaxCells)
        record_.cells.push_back(std::move(cell_));
    else
        record_.wrong = true;
    cell_.clear();
    state_ = state::at_start;
}

void csv_reader::end_record(const sink& each)
{
    const bool empty = !any_ && record_.cells.empty();
    if (!empty) {
        end_cell();
        each(std::move(record_));
    }
    record_ = {};
    cell_.clear();
    bytes_ = 0;
    any_ = false;
    state_ = state::at_start;
}

// One character. False: the text cannot be read on.
bool csv_reader::step(char c, const sink& each)
{
    switch (state_) {
    case state::quoted:
        if (c != '"') return put(c);
        state_ = state::behind_quote;
        return true;
    case state::behind_quote:
        if (c == '"') {
            state_ = state::quoted;
            return put(c);
        }
        break;
    case state::behind_cr:
        if (c == '\n') {
            end_record(each);
            return true;
        }
        record_.wrong = true;  // a lone CR
        state_ = state::bare;
        break;
    case state::at_start:
        if (c == '"') {
            any_ = true;
            state_ = state::quoted;
            return true;
        }
        break;
    case state::bare: break;
    }
    if (c == ',') {
        any_ = true;
        end_cell();
    } else if (c == '\n') {
        end_record(each);
    } else if (c == '\r') {
        state_ = state::behind_cr;
    } else {
        if (c == '"' || state_ == state::behind_quote) record_.wrong = true;
        state_ = state::bare;
        return put(c);
    }
    return true;
}

bool csv_reader::take(std::string_view piece, const sink& each)
{
    constexpr std::string_view kBom = "\xEF\xBB\xBF";
    for (const char c : piece) {
        if (broken_) return false;
        if (bom_ < kBom.size()) {
            if (c == kBom[bom_]) {
                ++bom_;
                continue;
            }
            // Not a byte order mark after all: what looked like one is text.
            for (std::size_t i = 0; i < bom_ && !broken_; ++i) broken_ = !step(kBom[i], each);
            bom_ = kBom.size();
        }
        if (!broken_) broken_ = !step(c, each);
    }
    return !broken_;
}

bool csv_reader::finish(const sink& each)
{
    if (bom_ > 0 && bom_ < 3) broken_ = true;  // the beginning of a mark alone is not UTF-8
    if (broken_ || state_ == state::quoted) return false;
    end_record(each);
    return true;
}

void append_csv(std::string& out, const std::vector<std::string_view>& cells)
{
    bool first = true;
    for (const auto cell : cells) {
        if (!first) out += ',';
        first = false;
        const bool quote = cell.find_first_of(",\"\r\n") != std::string_view::npos ||
                           (!cell.empty() && (cell.front() == ' ' || cell.back() == ' '));
        if (!quote) {
            out += cell;
            continue;
        }
        out += '"';
        for (const char c : cell) {
            if (c == '"') out += '"';
            out += c;
        }
        out += '"';
    }
    out += "\r\n";
}

}  // namespace kieng::catalog
