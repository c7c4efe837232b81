#include "node/identity/registration_service.hpp"

#include "base/encoding.hpp"
#include "node/identity/password.hpp"
#include "node/identity/session_service.hpp"
#include "node/identity/session_store.hpp"
#include "node/identity/text_rules.hpp"
#include "node/identity/user_store.hpp"

#include <memory>

namespace kieng::identity {
namespace {

using store::answer;
using store::tx;
using business = store::unit_of_work::business;

constexpr std::string_view kUserPath = "/users/";

// Which account a stored answer speaks of.
std::string made_by(const answer& what)
{
    for (const auto& [name, value] : what.headers) {
        if (name == "Location") return value.substr(kUserPath.size());
    }
    return {};
}

}  // namespace

store::write_key with_secret_body(store::write_key key, const account_defaults& how)
{
    key.fingerprint = hmac_sha256(how.key, as_text(key.fingerprint));
    return key;
}

registration_service::registration_service(persistence where, hash_pool& pool,
                                           const token_issuer& issuer, const audit_service& log,
                                           account_defaults how)
    : where_(where),
      pool_(pool),
      issuer_(issuer),
      log_(log),
      how_(std::move(how))
{}

user registration_service::customer(const new_account& what, const std::string& language) const
{
    user out;
    out.id = issuer_.make_id();
    out.email = what.email;
    out.role = "customer";
    out.first_name = what.first_name;
    out.last_name = what.last_name;
    out.phone = what.phone;
    out.prefers.currency = how_.currency;
    out.prefers.language = language;
    return out;
}

task<result<std::string>> registration_service::hash(std::string password)
{
    const auto place = pool_.enter();
    if (!place) co_return place.error();
    co_return co_await pool_.hash(std::move(password));
}

task<result<signed_in>> registration_service::register_customer(store::write_key key,
                                                                new_account what,
                                                                std::string language, actor from)
{
    std::string password = *what.password;
    const auto hashed = co_await hash(std::move(password));
    if (!hashed) co_return hashed.error();

    const auto tokens = issuer_.open();
    const auto who = std::make_shared<std::optional<user>>();
    const user wanted = customer(what, language);
    business open = [this, wanted, tokens, who, from, hash = *hashed](tx& on) -> result<answer> {
        const new_user_row row{wanted, hash, ""};
        const auto made = insert_user(on, row);
        if (!made) return failure(errc::email_taken);
        const new_session opened{tokens.session_id, made->id, tokens.hash};
        open_session(on, opened, from);
        log_.audit(on, as(from, made->id), {"user.register", "user", made->id});
        *who = made;
        answer out;
        out.status = 201;
        out.body = to_json(*made);
        out.headers.emplace_back("Location", std::string(kUserPath) + made->id);
        return out;
    };
    auto secret = with_secret_body(std::move(key), how_);
    const auto done = co_await where_.writes.run(std::move(secret), std::move(open));
    if (!done) co_return done.error();
    auto id = made_by(done->what);
    // A unit found to have committed after all replays its own answer: the session it opened is the caller's.
    if (id == wanted.id && *who) co_return issuer_.sign(**who, tokens);
    co_return co_await reopen(std::move(id), *std::move(what.password), std::move(from));
}

// The key may be a day old, and the password changed since: it counts like any other sign-in then.
task<result<signed_in>> registration_service::reopen(std::string user_id, std::string password,
                                                     actor from)
{
    std::function<std::optional<account_password>(tx&)> read = [user_id](tx& on) {
        return find_password_of(on, user_id);
    };
    const auto account =
        co_await where_.reads.query<std::optional<account_password>>(std::move(read));
    if (!account) co_return account.error();
    if (!*account) co_return failure(errc::email_taken);
    const auto place = pool_.enter();
    if (!place) co_return place.error();
    std::string stored = (*account)->hash;
    const auto right = co_await pool_.verify(std::move(password), std::move(stored));
    if (!right) co_return right.error();
    if (!*right) co_return failure(errc::email_taken);

    const auto tokens = issuer_.open();
    const auto who = std::make_shared<std::optional<user>>();
    business open = [this, user_id, tokens, who, from](tx& on) -> result<answer> {
        const auto held = share_user(on, user_id);
        if (!held || !held->active()) return failure(errc::email_taken);
        const new_session opened{tokens.session_id, user_id, tokens.hash};
        open_session(on, opened, from);
        log_.audit(on, as(from, user_id), {"session.open", "session", tokens.session_id});
        *who = held;
        return answer{};
    };
    auto key = no_key(from);
    const auto done = co_await where_.writes.run(std::move(key), std::move(open));
    if (!done) co_return done.error();
    if (!*who) co_return failure(errc::email_taken);
    auto out = issuer_.sign(**who, tokens);
    out.replayed = true;
    co_return out;
}

task<result<bool>> registration_service::ensure_first_owner(std::string email, std::string password)
{
    std::function<std::int64_t(tx&)> count = [](tx& on) { return count_owners(on); };
    const auto owners = co_await where_.reads.query<std::int64_t>(std::move(count));
    if (!owners) co_return owners.error();
    if (*owners > 0) co_return false;

    if (!is_email(email)) co_return invalid("OWNER_EMAIL", fault_code::bad_format, "name@host");
    const auto allowed = check_new_password(password, email);
    if (!allowed) co_return allowed.error();
    const auto hashed = co_await hash(std::move(password));
    if (!hashed) co_return hashed.error();
    new_account what;
    what.email = std::move(email);
    user wanted = customer(what, how_.language);
    wanted.role = "owner";
    business open = [this, wanted, hash = *hashed](tx& on) -> result<answer> {
        answer out;
        out.status = 204;
        lock_owners(on);
        if (count_owners(on) > 0) return out;
        const new_user_row row{wanted, hash, ""};
        if (!insert_user(on, row)) return failure(errc::email_taken);
        log_.audit(on, actor{}, {"user.create", "user", wanted.id, R"({"role":"owner"})"});
        out.status = 201;
        return out;
    };
    store::write_key key;
    key.principal = "system";
    const auto done = co_await where_.writes.run(std::move(key), std::move(open));
    if (!done) co_return done.error();
    co_return done->what.status == 201;
}

}  // namespace kieng::identity
