#include "node/catalog/product_search_terms.hpp"

#include "node/catalog/fold.hpp"
#include "node/platform/store/tx_fwd.hpp"

#include <algorithm>
#include <cstddef>

namespace kieng::catalog {
namespace {

// The index is asked for so many of the longest words, the others are looked for in the rows it finds: every further word would cost the
// reading of its list.
constexpr std::size_t kIndexedWords = 6;
// name_beginnings() keeps those of so many words.
constexpr std::ptrdiff_t kKeptBeginning = 4;

std::vector<std::string> by_length(std::vector<std::string> words)
{
    std::stable_sort(words.begin(), words.end(),
                     [](const auto& a, const auto& b) { return a.size() > b.size(); });
    return words;
}

std::vector<std::string> head(const std::vector<std::string>& words)
{
    const auto most = std::min(words.size(), kIndexedWords);
    return {words.begin(), words.begin() + static_cast<std::ptrdiff_t>(most)};
}

std::vector<std::string> tail(const std::vector<std::string>& words)
{
    const auto most = std::min(words.size(), kIndexedWords);
    return {words.begin() + static_cast<std::ptrdiff_t>(most), words.end()};
}

}  // namespace

search_terms::search_terms(const product_filter& of, list_filter& values)
    : of_(of),
      values_(values),
      folded_(fold(trim(*of.q))),
      words_(words_of(*of.q)),
      longest_(by_length(words_))
{}

bool search_terms::is_like_a_code() const
{
    return folded_.find(' ') == std::string::npos &&
           folded_.find_first_of("0123456789") != std::string::npos;
}

std::string search_terms::codes()
{
    if (code_.empty()) code_ = values_.add(std::string(trim(*of_.q)), "::text");
    return "SELECT DISTINCT v.product_id AS id FROM variants v WHERE v.sku = " + code_ +
           " OR v.barcode = " + code_;
}

// ' ' is the character before '!'.
std::string search_terms::begins_whole()
{
    if (whole_.empty()) {
        const std::string q = values_.add(folded_, "::text");
        whole_ = " AND p.name_fold >= " + q + " AND p.name_fold < " + q +
                 " || '!' AND (p.name_fold = " + q + " OR p.name_fold >= " + q + " || ' ')";
    }
    return whole_;
}

bool search_terms::is_beginning_kept() const
{
    return std::count(folded_.begin(), folded_.end(), ' ') < kKeptBeginning;
}

std::string search_terms::gather_begins_whole()
{
    return is_beginning_kept() ? lexemes({"^" + folded_}, "") : gather_anywhere();
}

std::string search_terms::gather_all_but_beginning()
{
    return lexemes(head(longest_), " & !" + lexeme_query({"^" + folded_})) +
           like_anywhere(tail(longest_));
}

std::string search_terms::begins_in_part()
{
    if (begins_.empty()) {
        const std::string q = values_.add(folded_, "::text");
        begins_ =
            " AND p.name_fold >= " + q + " || '!' AND p.name_fold < " + q + " || U&'\\+10FFFF'";
    }
    return begins_;
}

std::string search_terms::not_whole()
{
    std::string all;
    for (const auto& word : longest_)
        all += " AND (w.labels || w.rest) LIKE " + values_.add(whole_word_pattern(word), "::text");
    return " AND (SELECT NOT (true" + all + ") FROM product_search w WHERE w.id = p.id)";
}

std::string search_terms::like(const std::vector<std::string>& whole, const char* column)
{
    std::string out;
    for (const auto& word : whole)
        out += " AND " + std::string(column) + " LIKE " +
               values_.add(whole_word_pattern(word), "::text");
    return out;
}

std::string search_terms::tokens(const std::vector<std::string>& whole)
{
    if (whole.empty()) return "";
    // Not by patterns: the index of parts would be asked for those, too.
    return " AND search_words(p.labels) @> " +
           values_.add(store::array_literal(head(whole)), "::text[]") +
           like(tail(whole), "(p.labels || '')");
}

std::string search_terms::in_labels()
{
    if (labels_.empty()) labels_ = like(longest_, "p.labels");
    return labels_;
}

std::string search_terms::gather_in_labels()
{
    return tokens(longest_);
}

std::string search_terms::lexemes(const std::vector<std::string>& all, const std::string& more)
{
    return " AND search_lexemes(p.labels, p.rest, p.name_fold) @@ " +
           values_.add(lexeme_query(all) + more, "::text") + "::tsquery";
}

std::string search_terms::like_anywhere(const std::vector<std::string>& whole)
{
    std::string out;
    for (const auto& word : whole) {
        const std::string pattern = values_.add(whole_word_pattern(word), "::text");
        out += " AND (p.labels || p.rest) LIKE " + pattern;
    }
    return out;
}

std::string search_terms::anywhere()
{
    if (anywhere_.empty()) anywhere_ = like_anywhere(longest_);
    return anywhere_;
}

std::string search_terms::gather_anywhere()
{
    return lexemes(head(longest_), "") + like_anywhere(tail(longest_));
}

std::string search_terms::in_part()
{
    if (part_.empty()) {
        auto others = words_;
        others.pop_back();
        part_ = like(others, "p.labels") + " AND p.labels LIKE " +
                values_.add(word_part_pattern(words_.back()), "::text");
    }
    return part_;
}

std::string search_terms::gather_in_part()
{
    auto others = words_;
    others.pop_back();
    return tokens(by_length(std::move(others))) + " AND p.labels LIKE " +
           values_.add(word_part_pattern(words_.back()), "::text");
}

}  // namespace kieng::catalog
