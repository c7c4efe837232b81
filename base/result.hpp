// The value lane of failure: what users can cause or expect comes back as a result<T>; what is broken throws.
//
// A failure says which code, which fields, and what else the answer needs; it knows nothing of HTTP.
// Plain values: safe to copy and to move between threads.
#pragma once

#include "base/errc.hpp"
#include "base/sentence.hpp"

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace kieng {

// What is wrong with one field of a request.
enum class fault_code : std::uint8_t {
    required = 1,
    unknown,
    duplicate,
    wrong_type,
    not_null,
    out_of_range,
    too_short,
    too_long,
    too_few,
    too_many,
    bad_format,
    not_one_of,
    unknown_currency,
    unknown_category,
    not_a_descendant,
    not_above_price,
    more_than_one_primary,
    unknown_product,
    unknown_location,
    not_enough,
    in_the_past,
    sku_mismatch,
    unknown_variant,
    depends,
    sku_taken,
    barcode_taken,
    slug_taken,
    status_transition_refused,
    bad_row,
    changed_meanwhile,
    syntax,
    bad_utf8,
    too_deep,
};

// The last enumerator, for tests that walk all of them.
inline constexpr fault_code kLastFaultCode = fault_code::too_deep;

[[nodiscard]] std::string_view name_of(fault_code code) noexcept;

// One field's fault: where (JSON pointer, "query:limit" or "header:If-Match"), what, and what
// would be allowed ("1..200", "draft|active|archived"), in words that need no translation.
struct field_fault {
    std::string pointer;
    fault_code code = fault_code::bad_format;
    std::string allowed;

    friend bool operator==(const field_fault&, const field_fault&) = default;
};

// Whether the effect of a failed write exists. Sent as `committed`.
enum class committed : std::uint8_t { no = 1, yes, unknown };

struct failure {
    errc code = errc::internal_error;
    sentence detail = {};  // for people; may be empty
    std::vector<field_fault> fields = {};
    std::string members =
        {};  // further members of the problem as JSON text without braces: `"a":1,"b":[]`
    std::optional<std::chrono::milliseconds> retry_after = {};
    std::optional<committed> effect = {};  // where the code alone does not say it

    failure() = default;
    explicit failure(errc c, sentence why = {}) : code(c), detail(std::move(why)) {}
    // A template, so that braces always mean a sentence.
    template <std::same_as<std::vector<field_fault>> Faults>
    failure(errc c, Faults faults) : code(c),
                                     fields(std::move(faults))
    {}
};

[[noreturn]] inline void throw_exception_from_error(const failure& error,
                                                    const boost::source_location&)
{
    throw std::logic_error("unchecked failure: " + std::string(name_of(error.code)) + " " +
                           error.detail.en);
}

template <class T = void>
using result = boost::system::result<T, failure>;

// A validation failure of one field.
[[nodiscard]] inline failure invalid(std::string pointer, fault_code code, std::string allowed = {})
{
    std::vector<field_fault> faults;
    faults.push_back({std::move(pointer), code, std::move(allowed)});
    return failure(errc::validation_failed, std::move(faults));
}

}  // namespace kieng
