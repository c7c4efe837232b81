#include "node/payments/payment.hpp"

#include <algorithm>

namespace kieng::payments {
namespace {

constexpr std::size_t kMostReferences = 8;

template <class Enum, std::size_t N>
std::optional<Enum> named(const std::array<Enum, N>& all, std::string_view name) noexcept
{
    for (const auto one : all) {
        if (name_of(one) == name) return one;
    }
    return std::nullopt;
}

char upper(char c) noexcept
{
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}
bool is_digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}
bool is_plain(char c) noexcept
{
    return is_digit(c) || (c >= 'A' && c <= 'Z');
}

// "DH261120000123T2": two letters, at least seven digits, T, one digit.
bool is_reference(std::string_view word) noexcept
{
    if (word.size() < 11 || word.size() > 40) return false;
    if (is_digit(word[0]) || is_digit(word[1])) return false;
    const auto digits = word.substr(2, word.size() - 4);
    return word[word.size() - 2] == 'T' && is_digit(word.back()) &&
           std::all_of(digits.begin(), digits.end(), is_digit);
}

}  // namespace

std::string_view name_of(method m) noexcept
{
    switch (m) {
    case method::cash: return "cash";
    case method::bank_transfer: return "bank_transfer";
    case method::cod: return "cod";
    case method::vnpay: return "vnpay";
    case method::mock: return "mock";
    case method::card: return "card";
    }
    return "";
}

std::optional<method> method_of(std::string_view name) noexcept
{
    return named(kMethods, name);
}

std::string_view name_of(status s) noexcept
{
    switch (s) {
    case status::pending: return "pending";
    case status::processing: return "processing";
    case status::completed: return "completed";
    case status::failed: return "failed";
    case status::cancelled: return "cancelled";
    case status::review: return "review";
    }
    return "";
}

std::optional<status> status_of(std::string_view name) noexcept
{
    return named(kStatuses, name);
}

std::string_view name_of(refund_status s) noexcept
{
    switch (s) {
    case refund_status::pending: return "pending";
    case refund_status::processing: return "processing";
    case refund_status::completed: return "completed";
    case refund_status::failed: return "failed";
    }
    return "";
}

std::string reference_of(std::string_view order_number, int attempt)
{
    std::string out;
    for (const char c : order_number) {
        if (is_plain(upper(c))) out.push_back(upper(c));
    }
    return out + "T" + std::to_string(attempt);
}

std::vector<std::string> references_in(std::string_view text)
{
    std::vector<std::string> out;
    std::string word;
    const auto take = [&] {
        if (is_reference(word) && out.size() < kMostReferences) out.push_back(word);
        word.clear();
    };
    for (const char c : text) {
        if (is_plain(upper(c)))
            word.push_back(upper(c));
        else
            take();
    }
    take();
    return out;
}

}  // namespace kieng::payments
