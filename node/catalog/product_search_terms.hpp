// What a search asks of goods, as conditions of a statement (see product_list_filter.hpp). Pure; used by one statement at a time.
//
// A question is first taken as whole words: goods match that have all of them in name, brand, tags, codes and description. Behind those
// come goods where its last word is a part of a word (it may still be being typed); the description does not count then.
#pragma once

#include "node/catalog/product_list_filter.hpp"

#include <string>
#include <vector>

namespace kieng::catalog {

class search_terms {
public:
    // REQUIRES: a filter with a question. Both must outlive this.
    search_terms(const product_filter& of, list_filter& values);

    [[nodiscard]] bool has_words() const { return !words_.empty(); }
    // One word with a digit: if it is somebody's code it means that one.
    [[nodiscard]] bool is_like_a_code() const;

    // The goods whose SKU or barcode is the question, as a query (id).
    std::string codes();

    // Names that begin with the question, at the end of a word: a range of names, and the lexeme (or words) that gather them.
    std::string begins_whole();
    std::string gather_begins_whole();
    // Whether `begins_whole` and what gathers it say the same, so that the rest can be gathered without them.
    [[nodiscard]] bool is_beginning_kept() const;
    std::string gather_all_but_beginning();
    // Names that begin with it and go on within a word.
    std::string begins_in_part();

    // All words in name, brand, tags and codes; looked for row by row, or gathered.
    std::string in_labels();
    std::string gather_in_labels();
    // All words in those and the description.
    std::string anywhere();
    std::string gather_anywhere();
    // Goods of any table `p` that have not all words as whole ones. Looked up one by one: an anti-join might read them all.
    std::string not_whole();
    // All words in name, brand, tags and codes, the last one as a part.
    std::string in_part();
    std::string gather_in_part();

private:
    std::string lexemes(const std::vector<std::string>& all, const std::string& more);
    std::string like_anywhere(const std::vector<std::string>& whole);
    std::string like(const std::vector<std::string>& whole, const char* column);
    std::string tokens(const std::vector<std::string>& whole);

    const product_filter& of_;
    list_filter& values_;
    std::string folded_;
    std::vector<std::string> words_;    // as asked
    std::vector<std::string> longest_;  // the longest first: the rarest, as a rule
    std::string code_, whole_, begins_, labels_, anywhere_, part_;
};

}  // namespace kieng::catalog
