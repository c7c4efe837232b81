#include "node/identity/actor.hpp"

#include "base/encoding.hpp"

namespace kieng::identity {
namespace {

constexpr std::size_t kMaxUserAgent = 256;

// Header bytes as text that the database takes: ASCII as it is, anything else as '?'.
std::string printable(std::string_view bytes)
{
    std::string out(bytes.substr(0, kMaxUserAgent));
    for (char& c : out) {
        if (c < 0x20 || c == 0x7F) c = '?';
    }
    return out;
}

}  // namespace

actor actor_of(const http::request& from)
{
    actor who;
    who.user_id = from.who.user_id;
    who.session_id = from.who.session_id;
    who.request_id = from.id;
    who.trace = from.trace;
    who.address = from.address;
    who.user_agent = printable(from.header("user-agent").value_or(""));
    return who;
}

store::write_key write_key_of(const http::request& from)
{
    store::write_key key;
    key.principal = from.who.signed_in() ? from.who.user_id : "anonymous:" + from.path;
    key.key = from.idempotency_key;
    if (key.key) key.fingerprint = from.fingerprint();
    key.trace = from.trace;
    return key;
}

store::write_key no_key(const actor& who)
{
    store::write_key key;
    key.principal = who.user_id.empty() ? "anonymous:" + who.address : who.user_id;
    key.trace = who.trace;
    return key;
}

}  // namespace kieng::identity
