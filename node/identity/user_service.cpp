#include "node/identity/user_service.hpp"

#include "node/identity/password.hpp"
#include "node/identity/user_editing.hpp"

#include <memory>

namespace kieng::identity {
namespace {

using store::answer;
using store::tx;
using business = store::unit_of_work::business;

}  // namespace

user_service::user_service(persistence where, password_gate& gate, const token_issuer& issuer,
                           const audit_service& log, account_defaults how)
    : where_(where),
      gate_(gate),
      issuer_(issuer),
      log_(log),
      how_(std::move(how))
{}

task<result<store::seen<user>>> user_service::find(std::string id)
{
    std::function<std::optional<user>(tx&)> read = [id = std::move(id)](tx& on) {
        return find_user(on, id);
    };
    auto found = co_await where_.reads.read<std::optional<user>>(std::move(read));
    if (!found) co_return found.error();
    if (!found->value) co_return failure(errc::not_found);
    store::seen<user> out{*std::move(found->value), found->pos};
    co_return out;
}

task<result<store::seen<user_service::page>>> user_service::list(user_filter what, bool counted)
{
    std::function<page(tx&)> read = [what = std::move(what), counted](tx& on) {
        page out;
        out.items = list_users(on, what);
        if (counted) out.count = count_users(on, what);
        return out;
    };
    co_return co_await where_.reads.read<page>(std::move(read));
}

task<result<user_service::created>> user_service::create(store::write_key key, new_account what,
                                                         actor by)
{
    const std::string initial = what.password ? "" : make_password(issuer_.bits());
    std::string password = what.password.value_or(initial);
    const auto hashed = co_await gate_.hash(std::move(password));
    if (!hashed) co_return hashed.error();

    user wanted;
    wanted.id = issuer_.make_id();
    wanted.email = what.email;
    wanted.role = what.role;
    wanted.first_name = what.first_name;
    wanted.last_name = what.last_name;
    wanted.phone = what.phone;
    wanted.prefers.currency = how_.currency;
    wanted.prefers.language = how_.language;
    business open = [this, wanted, by, hash = *hashed](tx& on) -> result<answer> {
        const new_user_row row{wanted, hash, by.user_id};
        const auto made = insert_user(on, row);
        if (!made) return failure(errc::email_taken);
        log_.audit(on, by, {"user.create", "user", made->id, R"({"role":")" + made->role + "\"}"});
        answer out;
        out.status = 201;
        out.body = to_json(*made);
        out.headers.emplace_back("Location", "/users/" + made->id);
        return out;
    };
    auto secret = with_secret_body(std::move(key), how_);
    auto done = co_await where_.writes.run(std::move(secret), std::move(open));
    if (!done) co_return done.error();
    created out;
    out.what = *std::move(done);
    const bool ours = out.what.what.headers.size() == 1 &&
                      out.what.what.headers[0].second == "/users/" + wanted.id;
    if (ours) out.initial_password = initial;
    co_return out;
}

task<result<store::written>> user_service::edit(store::write_key key, std::string id,
                                                user_edit what, actor by)
{
    std::string hash;
    if (what.password) {
        std::string wanted_id = id;
        const auto found = co_await find(std::move(wanted_id));
        if (!found) co_return found.error();
        const auto allowed = check_new_password(*what.password, found->value.email);
        if (!allowed) co_return allowed.error();
        std::string password = *what.password;
        auto hashed = co_await gate_.hash(std::move(password));
        if (!hashed) co_return hashed.error();
        hash = *std::move(hashed);
    }
    const edit_request request{std::move(id), std::move(what), std::move(hash)};
    business change = [this, request, by](tx& on) -> result<answer> {
        const auto edited = edit_account(on, request, by, log_);
        if (!edited) return edited.error();
        answer out;
        out.body = to_json(edited->now, edited->merged);
        return out;
    };
    auto secret = with_secret_body(std::move(key), how_);
    co_return co_await where_.writes.run(std::move(secret), std::move(change));
}

task<result<store::written>> user_service::disable(store::write_key key, std::string id, actor by)
{
    business change = [this, id, by](tx& on) -> result<answer> {
        lock_owners(on);
        const auto now = lock_user(on, id);
        if (!now) return failure(errc::not_found);
        edit_request request;
        request.user_id = id;
        request.edit.version = now->version;
        request.edit.status = "disabled";
        if (const auto done = edit_account(on, request, by, log_); !done) return done.error();
        answer out;
        out.status = 204;
        return out;
    };
    co_return co_await where_.writes.run(std::move(key), std::move(change));
}

}  // namespace kieng::identity
