// A sentence for people, in the two languages of the product. Whoever writes one writes both: a single text does not
// convert, so no answer is half in one language.
//
// Plain values, Vietnamese first as in all tables of texts. A phrase borrows its text (literals); a sentence owns it.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace kieng {

struct phrase {
    std::string_view vi;
    std::string_view en;
};

struct sentence {
    std::string vi = {};
    std::string en = {};

    sentence() = default;
    sentence(std::string vietnamese, std::string english)
        : vi(std::move(vietnamese)),
          en(std::move(english))
    {}
    sentence(const phrase& fixed) : vi(fixed.vi), en(fixed.en) {}

    [[nodiscard]] bool empty() const noexcept { return en.empty(); }
};

}  // namespace kieng
