// Texts as searches compare them: without case and diacritics, "Áo Sơ Mi" = "ao so mi", "Đ" = "d". The same as vn_fold() in
// the database (a test holds the two together), so that a question is folded once, here, and its words become index conditions.
// Pure functions, thread safe. Inputs are well-formed UTF-8.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kieng::catalog {

[[nodiscard]] std::string fold(std::string_view text);

// "Áo sơ mi trắng!" -> "ao-so-mi-trang", at most max_bytes; empty when nothing of it can stand in an address.
[[nodiscard]] std::string slugify(std::string_view text, std::size_t max_bytes = 200);

// The words of a question: runs of letters, digits and what is not ASCII, folded, each once, where it stands last. The same as search_words() in
// the database.
[[nodiscard]] std::vector<std::string> words_of(std::string_view question);

// LIKE pattern of one such word among words between spaces: all of it,
[[nodiscard]] std::string whole_word_pattern(std::string_view word);
// or a part of one; of one or two letters, the beginning of one (shorter than a trigram, it would match nearly everything and no index could find
// it).
[[nodiscard]] std::string word_part_pattern(std::string_view word);
// LIKE pattern of texts that begin so.
[[nodiscard]] std::string like_prefix(std::string_view beginning);
// tsquery text that asks for all of these lexemes. Empty if there are none. (Beginnings of lexemes would be kinder, but one that many begin with
// reads all their lists: 120 ms instead of 1.)
[[nodiscard]] std::string lexeme_query(const std::vector<std::string>& lexemes);

// Without white space at both ends.
[[nodiscard]] std::string_view trim(std::string_view text) noexcept;
// Whether there is anything in it to see: not only white space and characters without a shape (zero width, joiners, marks of direction).
[[nodiscard]] bool has_visible(std::string_view text) noexcept;
// Whether a text may hold letters that are not composed (NFC), as some keyboards and all of macOS' file names do.
[[nodiscard]] bool may_be_decomposed(std::string_view text) noexcept;

}  // namespace kieng::catalog
