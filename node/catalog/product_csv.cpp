#include "node/catalog/product_csv.hpp"

#include "base/encoding.hpp"
#include "node/catalog/field_rules.hpp"
#include "node/catalog/fold.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

namespace kieng::catalog {
namespace {

enum column : std::size_t {
    sku,
    name,
    description,
    price,
    currency,
    compare_at,
    category,
    subcategory,
    tags,
    brand,
    barcode,
    image_url,
    state,
    slug
};

class row_reader {
public:
    row_reader(const csv_header& header, const csv_record& record)
    {
        for (std::size_t i = 0; i < header.size(); ++i)
            cells_[header[i]] = std::string(trim(record.cells[i]));
    }

    csv_row read()
    {
        if (const auto code = checked(sku, check_code)) out_.sku = *code;
        auto& c = out_.change;
        c.name = checked(name, [](std::string_view t) { return check_text(t, kNameRule); });
        c.description = checked(description,
                                [](std::string_view t) { return check_text(t, kDescriptionRule); });
        if (has(price)) c.price = money_of(price);
        if (filled(currency)) c.currency = checked(currency, check_currency);
        if (has(compare_at))
            c.compare_at_price.emplace(filled(compare_at) ? money_of(compare_at) : std::nullopt);
        const auto reference = [](std::string_view t) { return check_text(t, kCategoryRefRule); };
        clear_or_set(category, c.category, reference);
        clear_or_set(subcategory, c.subcategory, reference);
        clear_or_set(brand, c.brand, [](std::string_view t) { return check_text(t, kBrandRule); });
        clear_or_set(barcode, c.default_barcode, check_code);
        clear_or_set(image_url, c.primary_image_url, check_link);
        if (has(tags)) c.tags = tags_of(*cells_[tags]);
        if (filled(state)) {
            c.status = status_named(*cells_[state]);
            if (!c.status) fault(state, fault_code::not_one_of, "draft|active|archived");
        }
        if (filled(slug)) c.slug = checked(slug, check_slug);
        return std::move(out_);
    }

private:
    [[nodiscard]] bool has(column at) const { return cells_[at].has_value(); }
    [[nodiscard]] bool filled(column at) const { return has(at) && !cells_[at]->empty(); }
    void fault(column at, fault_code code, std::string allowed)
    {
        out_.faults.push_back({std::string(kCsvColumns[at]), code, std::move(allowed)});
    }

    template <class Check>
    std::optional<std::string> checked(column at, Check check)
    {
        if (!has(at)) return std::nullopt;
        if (const verdict wrong = check(*cells_[at])) {
            fault(at, wrong->code == fault_code::too_short ? fault_code::required : wrong->code,
                  wrong->allowed);
            return std::nullopt;
        }
        return cells_[at];
    }
    template <class Check>
    void clear_or_set(column at, clearable<std::string>& to, Check check)
    {
        if (!has(at)) return;
        to.emplace();
        if (filled(at)) *to = checked(at, check);
    }
    std::optional<std::int64_t> money_of(column at)
    {
        const std::string& text = *cells_[at];
        std::int64_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (text.empty())
            fault(at, fault_code::required, {});
        else if (error == std::errc::result_out_of_range ||
                 (error == std::errc{} && (value < 0 || value > kMaxMoney)))
            fault(at, fault_code::out_of_range, "0.." + std::to_string(kMaxMoney));
        else if (error != std::errc{} || end != text.data() + text.size())
            fault(at, fault_code::wrong_type, "integer");
        else
            return value;
        return std::nullopt;
    }
    std::vector<std::string> tags_of(std::string_view cell)
    {
        std::vector<std::string> found;
        std::set<std::string> seen;
        for (std::size_t from = 0; from <= cell.size();) {
            const std::size_t to = std::min(cell.find('|', from), cell.size());
            std::string tag(trim(cell.substr(from, to - from)));
            from = to + 1;
            if (tag.empty()) continue;
            if (const verdict wrong = check_tag(tag))
                fault(tags, wrong->code, wrong->allowed);
            else if (!seen.insert(tag).second)
                fault(tags, fault_code::duplicate, tag);
            else
                found.push_back(std::move(tag));
        }
        if (found.size() > kMaxTags) fault(tags, fault_code::too_many, "<= 50");
        return found;
    }

    std::array<std::optional<std::string>, kCsvColumns.size()> cells_;
    csv_row out_;
};

// Why a cell of the header line is none of the columns. Says which, cut short; bytes that are no text are not repeated.
sentence unknown_column(std::string_view cell, const csv_record& record)
{
    constexpr std::size_t kShown = 40;
    if (!is_utf8(cell)) return {"Dòng tiêu đề không phải UTF-8.", "The header line is not UTF-8."};
    const auto name = trim(cell);
    if (name.empty())
        return {"Dòng tiêu đề có một cột không tên.",
                "The header line has a column without a name."};
    for (const char other : {';', '\t'}) {
        if (record.cells.size() == 1 && name.find(other) != std::string_view::npos)
            return {"Các cột phải cách nhau bằng dấu phẩy.",
                    "Columns must be separated by commas."};
    }
    std::size_t length = std::min(name.size(), kShown);
    while (length < name.size() && (static_cast<unsigned char>(name[length]) & 0xC0U) == 0x80U)
        --length;
    std::string shown(name.substr(0, length));
    std::replace_if(
        shown.begin(), shown.end(),
        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, '?');
    if (length < name.size()) shown += "...";
    return {"Dòng tiêu đề có cột lạ: " + shown + ".",
            "The header line names an unknown column: " + shown + "."};
}

// Cells that are no text: one byte that is not UTF-8, or a NUL, costs its line and no other.
std::vector<field_fault> faults_of_bytes(const csv_header& header, const csv_record& record)
{
    std::vector<field_fault> out;
    for (std::size_t i = 0; i < header.size(); ++i) {
        const auto& cell = record.cells[i];
        const std::string column(kCsvColumns[header[i]]);
        if (!is_utf8(cell))
            out.push_back({column, fault_code::bad_utf8, {}});
        else if (cell.find('\0') != std::string::npos)
            out.push_back({column, fault_code::bad_format, "!= U+0000"});
    }
    return out;
}

}  // namespace

result<csv_header> read_csv_header(const csv_record& record)
{
    csv_header out;
    const auto refused = [](sentence why) { return failure(errc::csv_invalid, std::move(why)); };
    if (record.wrong)
        return refused({"Dòng tiêu đề không phải CSV.", "The header line is not CSV."});
    for (const auto& cell : record.cells) {
        const auto name = trim(cell);
        const auto found = std::find(kCsvColumns.begin(), kCsvColumns.end(), name);
        if (found == kCsvColumns.end()) return refused(unknown_column(cell, record));
        const auto at = static_cast<std::size_t>(found - kCsvColumns.begin());
        if (std::find(out.begin(), out.end(), at) != out.end())
            return refused({"Dòng tiêu đề lặp lại cột " + std::string(name) + ".",
                            "The header line names the column " + std::string(name) + " twice."});
        out.push_back(at);
    }
    if (std::find(out.begin(), out.end(), static_cast<std::size_t>(sku)) == out.end())
        return refused({"Dòng tiêu đề thiếu cột sku.", "The header line lacks the column sku."});
    return out;
}

csv_row read_csv_row(const csv_header& header, const csv_record& record)
{
    if (record.wrong || record.cells.size() != header.size()) {
        csv_row out;
        out.faults.push_back({"", fault_code::bad_row, std::to_string(header.size()) + " cells"});
        return out;
    }
    if (auto faults = faults_of_bytes(header, record); !faults.empty())
        return {{}, {}, std::move(faults)};
    return row_reader(header, record).read();
}

std::string csv_column_of(std::string_view pointer)
{
    if (pointer.starts_with("/variants/0/barcode")) return "barcode";
    if (pointer.starts_with("/variants/0/sku")) return "sku";
    if (pointer.starts_with("/images")) return "imageUrl";
    if (!pointer.starts_with('/')) return std::string(pointer);
    const std::string_view first = pointer.substr(1, pointer.find('/', 1) - 1);
    const bool known =
        std::find(kCsvColumns.begin(), kCsvColumns.end(), first) != kCsvColumns.end();
    return known ? std::string(first) : std::string();
}

void append_csv_header(std::string& out)
{
    append_csv(out, {kCsvColumns.begin(), kCsvColumns.end()});
}

void append_csv_row(std::string& out, const product& p)
{
    const auto& f = p.fields;
    const std::string price = std::to_string(f.price);
    const std::string compare = f.compare_at_price ? std::to_string(*f.compare_at_price) : "";
    std::string joined;
    for (const auto& tag : f.tags) joined += (joined.empty() ? "" : "|") + tag;
    const auto primary =
        std::find_if(f.images.begin(), f.images.end(), [](const image& i) { return i.primary; });
    const std::string none;
    const std::string& barcode_text =
        f.variants.empty() || !f.variants.front().barcode ? none : *f.variants.front().barcode;
    const std::string& image_text = primary == f.images.end() ? none : primary->url;
    const std::string& brand_text = f.brand ? *f.brand : none;
    append_csv(out, {f.sku, f.name, f.description, price, f.currency, compare, f.category.slug,
                     f.subcategory.slug, joined, brand_text, barcode_text, image_text,
                     name_of(f.status), f.slug});
}

}  // namespace kieng::catalog
