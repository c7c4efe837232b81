#include "node/catalog/import_rehearsal.hpp"

#include "node/catalog/import_cells.hpp"
#include "node/catalog/product_revision.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <set>
#include <utility>

namespace kieng::catalog {
namespace {

std::size_t hash_of(std::string_view kind, std::string_view code)
{
    return std::hash<std::string>()(std::string(kind) + ":" + std::string(code));
}

// "ao-12" is the number 12 of "ao".
std::optional<std::pair<std::string_view, std::int64_t>> numbered(std::string_view slug)
{
    const auto at = slug.rfind('-');
    if (at == std::string_view::npos || slug.size() - at > 10) return std::nullopt;
    std::int64_t number = 0;
    const auto [end, error] =
        std::from_chars(slug.data() + at + 1, slug.data() + slug.size(), number);
    if (error != std::errc{} || end != slug.data() + slug.size()) return std::nullopt;
    return std::pair(slug.substr(0, at), number);
}

// Cells whose emptiness leaves a field as the line before made it.
bool leaves_if_empty(std::size_t column)
{
    const auto name = kCsvColumns[column];
    return name == "currency" || name == "status" || name == "slug";
}

// Whether the later of two lines of one product says all that both say together; its status may only be reached over the earlier one's,
// and clearing an image twice clears two.
bool says_all(const csv_header& header, const csv_record& earlier, const csv_record& later)
{
    for (std::size_t i = 0; i < header.size(); ++i) {
        const auto name = kCsvColumns[header[i]];
        const auto &was = earlier.cells[i], &is = later.cells[i];
        if (name == "status" && !was.empty() && !is.empty() && was != is) return false;
        if (name == "imageUrl" && was.empty()) return false;
    }
    return true;
}

}  // namespace

std::vector<import_rehearsal::name_hash> import_rehearsal::asked_by(const numbered_row& row) const
{
    const auto& change = row.what.change;
    std::vector<name_hash> out{hash_of("sku", row.what.sku)};
    if (const auto* barcode = text_in(change.default_barcode))
        out.push_back(hash_of("barcode", *barcode));
    if (change.slug) {
        out.push_back(hash_of("slug", *change.slug));
    } else {
        auto named = change;
        named.sku = row.what.sku;
        const auto stem = default_slug(named);
        out.push_back(hash_of("slug", stem));
        if (const auto found = highest_.find(hash_of("slug", stem)); found != highest_.end())
            out.push_back(hash_of("slug", stem + "-" + std::to_string(found->second)));
    }
    return out;
}

std::vector<numbered_row> import_rehearsal::before(const csv_header& header,
                                                   const std::vector<numbered_row>& next) const
{
    std::vector<name_hash> ask;
    for (const auto& row : next) {
        if (!row.what.faults.empty()) continue;
        const auto codes = asked_by(row);
        ask.insert(ask.end(), codes.begin(), codes.end());
    }
    // Lines hang on lines in their turn: what one takes, another may have given up.
    std::set<name_hash> asked;
    std::set<std::uint32_t> found;
    while (!ask.empty()) {
        const auto code = ask.back();
        ask.pop_back();
        if (!asked.insert(code).second) continue;
        const auto lines = by_code_.find(code);
        if (lines == by_code_.end()) continue;
        for (const auto at : lines->second) {
            if (!found.insert(at).second) continue;
            const auto& more = lines_[at].codes;
            ask.insert(ask.end(), more.begin(), more.end());
        }
    }
    std::vector<numbered_row> out;
    for (const auto at : found) {
        const auto& known = lines_[at];
        numbered_row row{known.number, read_csv_row(header, known.record), {}, true};
        if (!known.slug.empty()) row.what.change.slug = known.slug;
        out.push_back(std::move(row));
    }
    return out;
}

void import_rehearsal::put(line what)
{
    if (lines_.size() >= kMaxLines) return;
    for (const auto code : what.codes)
        by_code_[code].push_back(static_cast<std::uint32_t>(lines_.size()));
    lines_.push_back(std::move(what));
}

void import_rehearsal::remember(const csv_header& header, const import_batch& done)
{
    for (std::size_t i = 0; i < done.done(); ++i) {
        const auto& row = done.row(i);
        const auto& codes = done.codes_of(i);
        if (row.again || codes.skus.empty()) continue;
        line what{row.number, row.record, {}, {}};
        for (const auto& sku : codes.skus) what.codes.push_back(hash_of("sku", sku));
        for (const auto& barcode : codes.barcodes)
            what.codes.push_back(hash_of("barcode", barcode));
        for (const auto& slug : codes.slugs) {
            what.codes.push_back(hash_of("slug", slug));
            if (const auto number = numbered(slug)) {
                auto& highest = highest_[hash_of("slug", number->first)];
                highest = std::max(highest, number->second);
            }
        }
        if (done.outcome_of(i) == row_outcome::created) {
            what.slug = codes.slugs.front();
            put(std::move(what));
            continue;
        }
        // An edit that moves no code becomes part of the line of that product before it, so that what is done again stays short.
        const auto earlier = by_code_.find(hash_of("sku", row.what.sku));
        auto* last = earlier == by_code_.end() ? nullptr : &lines_[earlier->second.back()];
        const bool moves = !codes.slugs.empty() || !codes.barcodes.empty();
        if (!last || moves || !says_all(header, last->record, what.record)) {
            put(std::move(what));
            continue;
        }
        for (std::size_t c = 0; c < header.size(); ++c) {
            auto& cell = what.record.cells[c];
            if (cell.empty() && leaves_if_empty(header[c])) cell = last->record.cells[c];
        }
        last->record = std::move(what.record);
    }
}

}  // namespace kieng::catalog
