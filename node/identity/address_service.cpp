#include "node/identity/address_service.hpp"

#include "node/identity/account_json.hpp"
#include "node/identity/address_store.hpp"
#include "node/identity/user_store.hpp"

namespace kieng::identity {
namespace {

using store::answer;
using store::tx;
using business = store::unit_of_work::business;

answer shown(int status, const address& what, const std::vector<address_field>& merged = {})
{
    answer out;
    out.status = status;
    out.body = to_json(what, merged);
    if (status == 201) out.headers.emplace_back("Location", "/auth/me/addresses/" + what.id);
    return out;
}

result<answer> replace_in(tx& on, const std::string& user_id, const std::string& id,
                          address_input what)
{
    if (!lock_user(on, user_id)) return failure(errc::not_found);
    const auto now = find_address(on, user_id, id);
    if (!now) return failure(errc::not_found);
    if (!what.version) {
        failure out(errc::version_required);
        out.members = version_member(now->version);
        return out;
    }
    what = normalized(on, std::move(what));
    std::vector<address_field> merged;
    if (*what.version != now->version) {
        const auto base = find_address_version(on, id, *what.version);
        auto both = merge(base, now->what, what);
        if (!both.conflicts.empty()) {
            failure out(errc::version_conflict);
            out.members = conflict_members(*now, base, what, both.conflicts);
            return out;
        }
        what = std::move(both.next);
        merged = std::move(both.merged);
    }
    const bool gives_up = now->what.is_default && !what.is_default;
    if (gives_up && count_addresses(on, user_id) == 1) what.is_default = true;
    if (same_address(now->what, what)) return shown(200, *now, merged);
    // One default at a time, in every order of statements: the index insists.
    if (what.is_default && !now->what.is_default) clear_default(on, user_id);
    const auto next = update_address(on, id, user_id, what);
    if (!next.what.is_default && gives_up) promote_newest(on, user_id, id);
    return shown(200, next, merged);
}

}  // namespace

task<result<store::seen<std::vector<address>>>> address_service::list(std::string user_id)
{
    std::function<std::vector<address>(tx&)> read = [id = std::move(user_id)](tx& on) {
        return list_addresses(on, id);
    };
    co_return co_await where_.reads.read<std::vector<address>>(std::move(read));
}

task<result<store::seen<address>>> address_service::find(std::string user_id, std::string id)
{
    std::function<std::optional<address>(tx&)> read = [user_id, id](tx& on) {
        return find_address(on, user_id, id);
    };
    auto found = co_await where_.reads.read<std::optional<address>>(std::move(read));
    if (!found) co_return found.error();
    if (!found->value) co_return failure(errc::not_found);
    co_return store::seen<address>{*std::move(found->value), found->pos};
}

task<result<store::written>> address_service::add(store::write_key key, address_input what,
                                                  actor by)
{
    business change = [id = issuer_.make_id(), what, by](tx& on) -> result<answer> {
        if (!lock_user(on, by.user_id)) return failure(errc::not_found);
        const auto there = count_addresses(on, by.user_id);
        if (there >= kMaxAddresses) return failure(errc::address_limit_reached);
        auto row = normalized(on, what);
        row.is_default = row.is_default || there == 0;
        if (row.is_default) clear_default(on, by.user_id);
        return shown(201, insert_address(on, id, by.user_id, row));
    };
    co_return co_await where_.writes.run(std::move(key), std::move(change));
}

task<result<store::written>> address_service::replace(store::write_key key, std::string id,
                                                      address_input what, actor by)
{
    business change = [id, what, by](tx& on) { return replace_in(on, by.user_id, id, what); };
    co_return co_await where_.writes.run(std::move(key), std::move(change));
}

task<result<store::written>> address_service::remove(store::write_key key, std::string id, actor by)
{
    business change = [id, by](tx& on) -> result<answer> {
        if (!lock_user(on, by.user_id)) return failure(errc::not_found);
        const auto now = find_address(on, by.user_id, id);
        if (!now) return failure(errc::not_found);
        delete_address(on, id);
        if (now->what.is_default) promote_newest(on, by.user_id, id);
        answer out;
        out.status = 204;
        return out;
    };
    co_return co_await where_.writes.run(std::move(key), std::move(change));
}

}  // namespace kieng::identity
