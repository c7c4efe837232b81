// VNPay 2.1.0: signed redirect addresses, what it tells us afterwards (IPN), and how it wants to be answered.
//
// Parameters are sorted by name, written as HTML forms are (a space is '+'), and signed by HMAC-SHA512. Amounts are in hundredths of
// a đồng, times in Vietnam's. Pure functions, thread safe.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kieng::payments::vnpay {

using parameters = std::map<std::string, std::string>;

[[nodiscard]] std::string hmac_sha512_hex(std::string_view key, std::string_view bytes);

// "20261120090300": the wall clock of Vietnam, which has no summer time.
[[nodiscard]] std::string local_time(wall_time at);
// Reads it back; nothing for anything else.
[[nodiscard]] std::optional<wall_time> from_local_time(std::string_view text);

// name=value&..., sorted and escaped: what is signed and what stands in the address.
[[nodiscard]] std::string canonical(const parameters& what);

struct shop {
    std::string terminal;  // vnp_TmnCode
    std::string secret;    // vnp_HashSecret
    std::string pay_url;   // where the payer is sent
};

struct order {
    std::string reference;  // vnp_TxnRef
    std::int64_t amount = 0;
    std::string info;
    std::string return_url;
    std::string address;  // the payer's
    bool english = false;
    wall_time created{};
    wall_time expires{};
};

[[nodiscard]] std::string redirect_url(const shop& of, const order& what);

// What an IPN says, once its signature is right.
struct notice {
    std::string reference;
    std::int64_t amount = 0;  // in đồng
    std::string transaction;  // VNPay's number of it
    std::string response_code, status_code;
    bool paid = false;  // both codes are 00
};

// Errors: signature_invalid; validation_failed for a signed message without the parts a notice has.
[[nodiscard]] result<notice> read_ipn(
    const shop& of, const std::vector<std::pair<std::string, std::string>>& query);

// The answers VNPay knows. Anything but 00 and 02 makes it ask again.
enum class reply : std::uint8_t {
    confirmed = 1,
    order_not_found,
    already_confirmed,
    invalid_amount,
    invalid_signature,
    unknown_error
};
[[nodiscard]] std::string reply_json(reply what);

}  // namespace kieng::payments::vnpay
