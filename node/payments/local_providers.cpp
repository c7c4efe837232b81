#include "node/payments/local_providers.hpp"

#include "node/payments/notice_json.hpp"
#include "node/payments/webhook_signature.hpp"

namespace kieng::payments {
namespace {

constexpr std::string_view kSignature = "webhook-signature";

}  // namespace

std::string_view header_of(const webhook& what, std::string_view lower_case_name)
{
    std::string_view found;
    for (const auto& [name, value] : what.headers) {
        if (name != lower_case_name) continue;
        if (!found.empty()) return {};
        found = value;
    }
    return found;
}

result<void> check_signature(const webhook& what, std::string_view secret, wall_time now)
{
    if (secret.empty()) return failure(errc::signature_invalid);
    const auto check = check_webhook(secret, header_of(what, kSignature), what.raw, now);
    if (check != signature_check::good) return failure(errc::signature_invalid);
    return {};
}

std::optional<started> counter_provider::prepare(const intent&) const
{
    started out;
    out.state = status::completed;
    return out;
}

std::optional<started> cod_provider::prepare(const intent&) const
{
    return started{};
}

std::optional<started> bank_provider::prepare(const intent& what) const
{
    started out;
    out.action.what = next_action::kind::qr;
    out.action.text = vietqr_text(to_, what.amount.minor, what.reference);
    out.expires_at = what.held_until;
    return out;
}

result<notice> bank_provider::verify_webhook(const webhook& what, wall_time now) const
{
    if (const auto good = check_signature(what, secret_, now); !good) return good.error();
    return read_bank_notice(what.raw);
}

}  // namespace kieng::payments
