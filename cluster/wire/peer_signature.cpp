#include "cluster/wire/peer_signature.hpp"

#include "base/encoding.hpp"
#include "cluster/wire/words.hpp"

#include <map>
#include <mutex>
#include <stdexcept>

namespace kieng::cluster::wire {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kPurpose = "kieng peer request 1";
constexpr std::size_t kNonceBytes = 16;

// One key per secret, the current one's first.
using keys = std::vector<std::string>;

keys keys_of(const peer_secrets& secrets, std::string_view from, std::string_view to)
{
    keys out;
    for (const auto& one : secrets.all())
        out.push_back(derive_key(one.value, kPurpose, {from, to}));
    return out;
}

std::int64_t unix_milliseconds(const clock& now)
{
    return std::chrono::duration_cast<milliseconds>(now.wall().time_since_epoch()).count();
}

// Which of the keys made one of the signatures; in time that does not depend on the bytes.
std::optional<std::size_t> matching_key(const keys& ours, const std::vector<std::string>& theirs,
                                        std::string_view text)
{
    std::optional<std::size_t> out;
    for (std::size_t i = ours.size(); i-- > 0;) {
        const auto expected = hmac_sha256(ours[i], text);
        for (const auto& one : theirs)
            if (equal_in_constant_time(as_text(expected), one)) out = i;
    }
    return out;
}

}  // namespace

peer_signer::peer_signer(const peer_secrets& secrets, std::string self, const clock& now,
                         random& bits)
    : secrets_(secrets),
      self_(std::move(self)),
      now_(now),
      bits_(bits)
{}

std::vector<header_pair> peer_signer::sign(const outgoing_request& what) const
{
    if (!is_signable(what.method, what.target) || !is_node_id(what.to))
        throw std::invalid_argument("a peer request that cannot be signed");
    std::vector<header_pair> out{
        {"Kieng-Peer", self_},
        {"Kieng-To", std::string(what.to)},
        {"Kieng-Incarnation", std::to_string(what.incarnation)},
        {"Kieng-Timestamp", std::to_string(unix_milliseconds(now_))},
        {"Kieng-Nonce", bits_.text(kNonceBytes)},
        {"Content-Digest", content_digest(what.body)},
    };
    peer_headers headers;
    headers.peer = out[0].second;
    headers.to = out[1].second;
    headers.incarnation = out[2].second;
    headers.timestamp = out[3].second;
    headers.nonce = out[4].second;
    headers.content_digest = out[5].second;
    headers.content_type = what.content_type;
    const auto text = signed_text(what.method, what.target, headers);
    std::vector<std::string> signatures;
    for (const auto& key : keys_of(secrets_, self_, what.to))
        signatures.emplace_back(as_text(hmac_sha256(key, text)));
    out.emplace_back("Kieng-Signature", write_signatures(signatures));
    return out;
}

struct peer_verifier::state {
    state(const peer_secrets& all, std::string id, const clock& time, nonce_limits limits)
        : secrets(all),
          self(std::move(id)),
          now(time),
          started(time.boot()),
          nonces(limits)
    {}

    std::optional<keys> keys_for(std::string_view peer, bool strangers);
    std::optional<peer_refusal> judge(const incoming_request& what, peer_check& out);
    [[nodiscard]] bool timely(milliseconds skew, bool opens_stream) const;

    const peer_secrets& secrets;
    const std::string self;
    const clock& now;
    const std::chrono::nanoseconds started;

    std::mutex mutex;
    std::map<std::string, keys, std::less<>> known;  // guarded by mutex
    nonce_store nonces;                              // guarded by mutex
};

std::optional<keys> peer_verifier::state::keys_for(std::string_view peer, bool strangers)
{
    {
        const std::lock_guard lock(mutex);
        const auto at = known.find(peer);
        if (at != known.end()) return at->second;
    }
    if (!strangers) return std::nullopt;
    return keys_of(secrets, peer, self);
}

bool peer_verifier::state::timely(milliseconds skew, bool opens_stream) const
{
    if (skew > kSignatureWindow || skew < -kSignatureWindow) return false;
    return opens_stream || -skew <= now.boot() - started;
}

std::optional<peer_refusal> peer_verifier::state::judge(const incoming_request& what,
                                                        peer_check& out)
{
    peer_headers headers;
    if (const auto why = read_peer_headers(what.headers, headers)) return why;
    if (!is_signable(what.method, what.target)) return peer_refusal::malformed_header;
    if (headers.to != self) return peer_refusal::wrong_receiver;
    if (headers.peer == self) return peer_refusal::own_id;
    const auto ours = keys_for(headers.peer, what.strangers);
    if (!ours) return peer_refusal::unknown_peer;

    // Far beyond any clock, where a difference could overflow: nobody's honest time.
    constexpr std::int64_t kLastMillisecond = 253'402'300'799'999;  // of the year 9999
    if (headers.milliseconds > kLastMillisecond) return peer_refusal::clock_skew;
    const milliseconds skew(headers.milliseconds - unix_milliseconds(now));
    // A peer whose clock is wrong is worth a warning by name, so its signature is looked at all the same: it costs an attacker nothing less
    // to send a right time.
    const bool in_time = timely(skew, what.opens_stream);
    const auto key =
        matching_key(*ours, headers.signatures, signed_text(what.method, what.target, headers));
    if (key) {
        out.skew = skew;
        out.from = headers.peer;
    }
    if (!in_time) return peer_refusal::clock_skew;
    if (!key) return peer_refusal::bad_signature;

    out.incarnation = headers.incarnation_number;
    out.nonce = headers.nonce;
    out.content_digest = headers.content_digest;
    out.secret_id = secrets.all()[*key].id;
    const std::lock_guard lock(mutex);
    switch (nonces.record(headers.peer, headers.nonce_value, now.steady())) {
    case nonce_verdict::fresh: return std::nullopt;
    case nonce_verdict::seen: return peer_refusal::replayed;
    case nonce_verdict::full: return peer_refusal::too_many_nonces;
    }
    return peer_refusal::replayed;
}

peer_verifier::peer_verifier(const peer_secrets& secrets, std::string self, const clock& now,
                             nonce_limits limits)
    : state_(std::make_unique<state>(secrets, std::move(self), now, limits))
{}

peer_verifier::~peer_verifier() = default;

void peer_verifier::know(const std::vector<std::string>& peers)
{
    std::map<std::string, keys, std::less<>> next;
    for (const auto& peer : peers) next.emplace(peer, keys_of(state_->secrets, peer, state_->self));
    const std::lock_guard lock(state_->mutex);
    state_->known = std::move(next);
}

peer_check peer_verifier::check(const incoming_request& what)
{
    peer_check out;
    out.refused = state_->judge(what, out);
    if (out.refused) {
        peer_check kept;
        kept.refused = out.refused;
        kept.skew = out.skew;
        if (kept.skew) kept.from = out.from;
        out = std::move(kept);
    }
    return out;
}

}  // namespace kieng::cluster::wire
