// Whatever bytes come as a token, verifying them ends and accepts none that the signer did not make. The second half
// signs the input's claims with the right key, so that the reader behind the signature is reached too.
#include "base/encoding.hpp"
#include "node/identity/token.hpp"

#include <cstdlib>
#include <string>
#include <string_view>

namespace {

constexpr std::string_view kSecret = "a secret of thirty-two bytes or more";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    using namespace kieng;
    static const identity::token_signer signer(kSecret);
    static const manual_clock now;
    const std::string_view input(reinterpret_cast<const char*>(data), size);

    (void)signer.verify(input, now.wall());

    const std::string signed_part =
        to_base64url(R"({"alg":"HS256","typ":"JWT"})") + "." + to_base64url(input);
    const auto mac = hmac_sha256(identity::derive_key(kSecret, "access token"), signed_part);
    const std::string forged = signed_part + "." + to_base64url(as_text(mac));
    if (const auto claims = signer.verify(forged, now.wall())) {
        // Only the form that sign() writes is read: user, session and role come back as they are in it.
        if (input.find(claims->user_id) == std::string_view::npos) std::abort();
        if (input.find(claims->session_id) == std::string_view::npos) std::abort();
    }
    return 0;
}
