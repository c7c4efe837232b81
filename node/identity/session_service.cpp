#include "node/identity/session_service.hpp"

#include "node/identity/password.hpp"
#include "node/identity/session_store.hpp"
#include "node/identity/throttle_store.hpp"
#include "node/identity/user_store.hpp"

#include <memory>

namespace kieng::identity {
namespace {

using store::answer;
using store::tx;
using business = store::unit_of_work::business;

// A refusal that must leave something behind (a count, an audit line, an ended session) is committed like any other unit, and
// tells what it was by its status.
answer refused(int status)
{
    answer out;
    out.status = status;
    return out;
}

std::string reason_json(std::string_view reason)
{
    return R"({"reason":")" + std::string(reason) + "\"}";
}

}  // namespace

actor as(actor from, const std::string& user_id)
{
    from.user_id = user_id;
    return from;
}

session_service::session_service(persistence where, password_gate& gate, const token_issuer& issuer,
                                 const audit_service& log)
    : where_(where),
      gate_(gate),
      issuer_(issuer),
      log_(log)
{}

task<result<signed_in>> session_service::login(credentials given, actor from)
{
    const auto checked =
        co_await gate_.check_email(std::move(given.email), std::move(given.password), from);
    if (!checked) co_return checked.error();
    if (!checked->right) {
        const auto noted = co_await note_refusal(from, checked->user_id, "invalid_credentials");
        if (!noted) co_return noted.error();
        co_return failure(errc::invalid_credentials);
    }
    const auto tokens = issuer_.open();
    const auto who = std::make_shared<std::optional<user>>();
    business sign_in = [this, from, tokens, who, was = *checked](tx& on) -> result<answer> {
        forgive(on, was.account_key, was.address_key);
        const auto account = share_user(on, was.user_id);
        const auto current = find_password_of(on, was.user_id);
        // Changed while it was being compared.
        if (!account || !current || current->hash != was.hash)
            return failure(errc::invalid_credentials);
        const auto self = as(from, was.user_id);
        if (!account->active()) {
            log_.audit(on, self,
                       {"session.refuse", "session", "", reason_json("account_disabled")});
            return refused(403);
        }
        if (!was.new_hash.empty()) set_password(on, was.user_id, was.new_hash);
        const new_session opened{tokens.session_id, was.user_id, tokens.hash};
        open_session(on, opened, from);
        log_.audit(on, self, {"session.open", "session", tokens.session_id});
        *who = account;
        return answer{};
    };
    auto key = no_key(from);
    const auto done = co_await where_.writes.run(std::move(key), std::move(sign_in));
    if (!done) co_return done.error();
    if (done->what.status == 403) co_return failure(errc::account_disabled);
    std::string user_id = checked->user_id;
    co_return co_await finish(who, std::move(user_id), tokens);
}

// Known and unknown accounts take the same steps: the line just names nobody.
task<result<void>> session_service::note_refusal(actor from, std::string user_id,
                                                 std::string reason)
{
    business note = [this, self = as(from, user_id), reason](tx& on) -> result<answer> {
        log_.audit(on, self, {"session.refuse", "session", "", reason_json(reason)});
        return answer{};
    };
    auto key = no_key(from);
    const auto done = co_await where_.writes.run(std::move(key), std::move(note));
    if (!done) co_return done.error();
    co_return result<void>();
}

task<result<signed_in>> session_service::finish(std::shared_ptr<std::optional<user>> who,
                                                std::string user_id, token_issuer::prepared tokens)
{
    if (!*who) {
        // An earlier attempt of this unit had committed: what it saw is gone, what it wrote is there.
        std::function<std::optional<user>(tx&)> read = [user_id](tx& on) {
            return find_user(on, user_id);
        };
        auto found = co_await where_.reads.query<std::optional<user>>(std::move(read));
        if (!found) co_return found.error();
        if (!*found) co_return failure(errc::session_ended);
        *who = *std::move(found);
    }
    co_return issuer_.sign(**who, tokens);
}

task<result<signed_in>> session_service::refresh(std::string refresh_token, actor from)
{
    const auto hash = refresh_token_hash(refresh_token);
    if (!hash) co_return failure(errc::token_invalid);
    const auto next = issuer_.next({});
    const auto who = std::make_shared<std::optional<user>>();
    const auto session_id = std::make_shared<std::string>();
    business renew = [this, from, next, who, session_id, spent = *hash](tx& on) -> result<answer> {
        const auto token = present(on, spent);
        if (!token) return failure(errc::token_invalid);
        *session_id = token->session_id;
        switch (decide(token->state)) {
        case refresh_outcome::ended: return failure(errc::session_ended);
        case refresh_outcome::reused:
            end_session(on, token->session_id, token->user_id);
            log_.audit(on, as(from, token->user_id),
                       {"session.reuse", "session", token->session_id});
            return refused(401);
        case refresh_outcome::renew:
        case refresh_outcome::sibling: break;
        }
        rotate(on, *token, spent, next.hash, from);
        *who = find_user(on, token->user_id);
        return answer{};
    };
    auto key = no_key(from);
    const auto done = co_await where_.writes.run(std::move(key), std::move(renew));
    if (!done) co_return done.error();
    if (done->what.status == 401) co_return failure(errc::token_reused);
    token_issuer::prepared tokens = next;
    tokens.session_id = *session_id;
    // Every run of the unit read the account before it could commit.
    if (!*who) co_return failure(errc::session_ended);
    co_return issuer_.sign(**who, tokens);
}

task<result<void>> session_service::logout(logout_request what, actor from)
{
    std::optional<std::string> hash;
    if (what.refresh_token) {
        hash = refresh_token_hash(*what.refresh_token);
        if (!hash) co_return result<void>();
    } else if (from.session_id.empty()) {
        co_return failure(errc::unauthenticated);
    }
    business leave = [this, from, hash, everywhere = what.everywhere](tx& on) -> result<answer> {
        std::string session_id = from.session_id;
        std::string user_id = from.user_id;
        if (hash) {
            const auto token = present(on, *hash);
            if (!token || !token->state.session_live) return answer{};
            session_id = token->session_id;
            user_id = token->user_id;
        }
        std::vector<std::string> ended;
        if (everywhere)
            ended = end_sessions(on, user_id, "");
        else if (end_session(on, session_id, user_id))
            ended.push_back(session_id);
        for (const auto& id : ended)
            log_.audit(on, as(from, user_id), {"session.close", "session", id});
        return answer{};
    };
    auto key = no_key(from);
    const auto done = co_await where_.writes.run(std::move(key), std::move(leave));
    if (!done) co_return done.error();
    co_return result<void>();
}

task<result<signed_in>> session_service::change_password(password_change what, actor from)
{
    std::function<std::optional<account_password>(tx&)> read = [id = from.user_id](tx& on) {
        return find_password_of(on, id);
    };
    const auto account =
        co_await where_.reads.query<std::optional<account_password>>(std::move(read));
    if (!account) co_return account.error();
    if (!*account) co_return failure(errc::session_ended);
    const auto allowed = check_new_password(what.new_password, (*account)->email);
    if (!allowed) co_return allowed.error();

    const auto checked =
        co_await gate_.check_user(from.user_id, std::move(what.current_password), from);
    if (!checked) co_return checked.error();
    if (!checked->right) {
        const auto noted = co_await note_refusal(from, from.user_id, "wrong_password");
        if (!noted) co_return noted.error();
        co_return failure(errc::wrong_password);
    }
    auto hash = co_await gate_.hash(std::move(what.new_password));
    if (!hash) co_return hash.error();
    co_return co_await store_password(*checked, *std::move(hash), std::move(from));
}

task<result<signed_in>> session_service::store_password(password_gate::verdict old,
                                                        std::string hash, actor from)
{
    const auto tokens = issuer_.next(from.session_id);
    const auto who = std::make_shared<std::optional<user>>();
    business change = [this, from, tokens, who, old, hash](tx& on) -> result<answer> {
        forgive(on, old.account_key, old.address_key);
        const auto account = lock_user(on, from.user_id);
        const auto current = find_password_of(on, from.user_id);
        if (!account || !account->active()) return failure(errc::session_ended);
        if (!current || current->hash != old.hash) return failure(errc::wrong_password);
        set_password(on, from.user_id, hash);
        end_sessions(on, from.user_id, from.session_id);
        if (!replace_tokens(on, from.session_id, tokens.hash)) return failure(errc::session_ended);
        // Access tokens given out before stop counting too, those of this session among them.
        *who = renew_rights(on, from.user_id);
        log_.audit(on, from, {"user.password", "user", from.user_id});
        return answer{};
    };
    auto key = no_key(from);
    const auto done = co_await where_.writes.run(std::move(key), std::move(change));
    if (!done) co_return done.error();
    std::string user_id = from.user_id;
    co_return co_await finish(who, std::move(user_id), tokens);
}

task<result<store::seen<std::vector<session>>>> session_service::list(std::string user_id)
{
    std::function<std::vector<session>(tx&)> read = [id = std::move(user_id)](tx& on) {
        return list_sessions(on, id);
    };
    co_return co_await where_.reads.read<std::vector<session>>(std::move(read));
}

task<result<store::written>> session_service::end(store::write_key key, std::string session_id,
                                                  actor from)
{
    business leave = [this, session_id, from](tx& on) -> result<answer> {
        if (!end_session(on, session_id, from.user_id)) return failure(errc::not_found);
        log_.audit(on, from, {"session.close", "session", session_id});
        answer out;
        out.status = 204;
        return out;
    };
    co_return co_await where_.writes.run(std::move(key), std::move(leave));
}

}  // namespace kieng::identity
