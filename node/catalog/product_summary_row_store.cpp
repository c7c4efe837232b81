#include "node/catalog/product_summary_row_store.hpp"

#include "base/json_text.hpp"
#include "node/catalog/pg_text.hpp"

namespace kieng::catalog {
namespace {

constexpr int kFirst = 3;  // behind position, tier and key

std::string_view view(const pqxx::field& f)
{
    return {f.c_str(), f.size()};
}

std::optional<std::string> text_or_none(const pqxx::field& f)
{
    if (f.is_null()) return std::nullopt;
    return std::string(view(f));
}

// Takes a row's columns one after the other and writes them as members.
class row_writer {
public:
    row_writer(std::string& out, const pqxx::row& row) : out_(out), row_(row) {}

    void text(const char* before)
    {
        out_ += before;
        append_json_string(out_, view(row_[at_++]));
    }
    void text_or_null(const char* before)
    {
        const pqxx::field f = row_[at_++];
        out_ += before;
        if (f.is_null())
            out_ += "null";
        else
            append_json_string(out_, view(f));
    }
    // What JSON takes as PostgreSQL writes it: numbers, and texts of a fixed form.
    void raw(const char* before)
    {
        out_ += before;
        out_ += view(row_[at_++]);
    }
    void number_or_null(const char* before)
    {
        const pqxx::field f = row_[at_++];
        out_ += before;
        out_ += f.is_null() ? std::string_view("null") : view(f);
    }
    void texts(const char* before)
    {
        out_ += before;
        append_json_texts(out_, view(row_[at_++]));
    }
    void time(const char* before)
    {
        out_ += before;
        append_json_time(out_, view(row_[at_++]));
    }
    void image(const char* before)
    {
        const pqxx::field url = row_[at_++], alt = row_[at_++];
        out_ += before;
        if (url.is_null()) {
            out_ += "null";
            return;
        }
        out_ += R"({"url":)";
        append_json_string(out_, view(url));
        out_ += R"(,"alt":)";
        append_json_string(out_, view(alt));
        out_ += '}';
    }
    void status_name(const char* before)
    {
        out_ += before;
        out_ += name_of(static_cast<status>(number_of(view(row_[at_++]))));
    }

private:
    std::string& out_;
    const pqxx::row& row_;
    int at_ = kFirst;
};

}  // namespace

product_summary summary_of(const pqxx::row& r)
{
    product_summary p;
    int c = kFirst;
    p.id = view(r[c++]);
    p.sku = view(r[c++]);
    p.slug = view(r[c++]);
    p.name = view(r[c++]);
    p.price = number_of(view(r[c++]));
    p.currency = view(r[c++]);
    if (!r[c].is_null()) p.compare_at_price = number_of(view(r[c]));
    ++c;
    p.category = text_or_none(r[c++]);
    p.subcategory = text_or_none(r[c++]);
    p.brand = text_or_none(r[c++]);
    p.tags = texts_of(view(r[c++]));
    p.image_url = text_or_none(r[c++]);
    p.image_alt = view(r[c++]);
    p.status = static_cast<status>(number_of(view(r[c++])));
    p.variant_count = number_of(view(r[c++]));
    p.price_version = number_of(view(r[c++]));
    p.version = number_of(view(r[c++]));
    p.created_at = time_of(view(r[c++]));
    p.updated_at = time_of(view(r[c]));
    return p;
}

void append_summary_row(std::string& out, const pqxx::row& row)
{
    row_writer w(out, row);
    w.raw(R"({"id":")");
    w.text(R"(","sku":)");
    w.text(R"(,"slug":)");
    w.text(R"(,"name":)");
    w.raw(R"(,"price":)");
    w.raw(R"(,"currency":")");
    w.number_or_null(R"(","compareAtPrice":)");
    w.text_or_null(R"(,"category":)");
    w.text_or_null(R"(,"subcategory":)");
    w.text_or_null(R"(,"brand":)");
    w.texts(R"(,"tags":)");
    w.image(R"(,"image":)");
    w.status_name(R"(,"status":")");
    w.raw(R"(","variantCount":)");
    w.raw(R"(,"priceVersion":)");
    w.raw(R"(,"version":)");
    w.time(R"(,"createdAt":)");
    w.time(R"(,"updatedAt":)");
    out += '}';
}

}  // namespace kieng::catalog
