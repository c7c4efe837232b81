// CSV as of RFC 4180, read piece by piece and written line by line. Pure: no I/O, knows nothing of products.
//
// Reading: UTF-8 (a byte order mark is skipped), CRLF or LF, quoted cells with doubled quotes and line breaks inside. States of a
// reader: reading -> broken (a record beyond the limit, a quote that is never closed); a broken reader gives nothing more.
// A record that is wrong in itself (text behind a closing quote, a quote inside a bare cell) is given with `wrong` set, and reading goes on.
// Cells may hold any bytes: that they are UTF-8 without NUL is looked at by whoever takes them.
// Not thread safe.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace kieng::catalog {

struct csv_record {
    std::vector<std::string> cells;
    bool wrong = false;  // its quoting
};

class csv_reader {
public:
    static constexpr std::size_t kMaxRecordBytes = 256 * 1024;
    static constexpr std::size_t kMaxCells = 256;

    using sink = std::function<void(csv_record)>;

    // Takes the next piece; calls `each` for every record that is complete. Empty lines are skipped. False: broken.
    bool take(std::string_view piece, const sink& each);
    // The end: gives the last record if the file ends without a line break. False: broken, the file ends inside quotes or within a
    // byte order mark.
    bool finish(const sink& each);

private:
    enum class state : unsigned char { at_start = 1, bare, quoted, behind_quote, behind_cr };

    bool put(char c);
    void end_cell();
    void end_record(const sink& each);
    bool step(char c, const sink& each);

    state state_ = state::at_start;
    bool broken_ = false;
    std::size_t bom_ = 0;  // bytes of a byte order mark seen at the very beginning; 3: past it
    csv_record record_;
    std::string cell_;
    std::size_t bytes_ = 0;  // of the record
    bool any_ = false;       // whether the record has anything in it
};

// Appends one record with CRLF; cells are quoted where they must be.
void append_csv(std::string& out, const std::vector<std::string_view>& cells);

}  // namespace kieng::catalog
