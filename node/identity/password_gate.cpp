#include "node/identity/password_gate.hpp"

#include "base/encoding.hpp"
#include "node/identity/password.hpp"
#include "node/identity/throttle_store.hpp"
#include "node/identity/user_store.hpp"

#include <algorithm>
#include <memory>

namespace kieng::identity {
namespace {

std::string lower(std::string text)
{
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

}  // namespace

password_gate::password_gate(persistence where, hash_pool& pool, options how)
    : where_(where),
      pool_(pool),
      how_(std::move(how))
{}

task<result<password_gate::verdict>> password_gate::check_email(std::string email,
                                                                std::string password, actor from)
{
    co_return co_await check(std::move(email), {}, std::move(password), std::move(from));
}

task<result<password_gate::verdict>> password_gate::check_user(std::string user_id,
                                                               std::string password, actor from)
{
    co_return co_await check({}, std::move(user_id), std::move(password), std::move(from));
}

task<result<password_gate::verdict>> password_gate::check(std::string email, std::string user_id,
                                                          std::string password, actor from)
{
    const auto place = pool_.enter();
    if (!place) co_return place.error();

    const auto found = std::make_shared<verdict>();
    store::unit_of_work::business counting = [this, found, email, user_id, address = from.address](
                                                 store::tx& on) -> result<store::answer> {
        *found = {};
        const auto account =
            user_id.empty() ? find_password(on, email) : find_password_of(on, user_id);
        if (account) {
            found->user_id = account->user_id;
            found->hash = account->hash;
        }
        // By account where there is one, so that no way of spelling an email gets around the count.
        found->account_key = key_of("account", account ? account->user_id : lower(email));
        found->address_key = key_of("address", address_block(address));
        if (auto counted = count(on, *found); !counted) return counted.error();
        return store::answer{};
    };
    auto who = no_key(from);
    const auto counted = co_await where_.writes.run(std::move(who), std::move(counting));
    if (!counted) co_return counted.error();

    std::string given = password;
    std::string stored = found->hash;
    const auto right = co_await pool_.verify(std::move(given), std::move(stored));
    if (!right) co_return right.error();
    found->right = *right;
    if (found->right && cost_of(found->hash) < pool_.cost()) {
        auto renewed = co_await pool_.hash(std::move(password));
        if (renewed) found->new_hash = *std::move(renewed);
    }
    co_return *found;
}

task<result<std::string>> password_gate::hash(std::string password)
{
    const auto place = pool_.enter();
    if (!place) co_return place.error();
    co_return co_await pool_.hash(std::move(password));
}

std::string password_gate::key_of(std::string_view kind, std::string_view what) const
{
    const std::string text = std::string(kind) + ":" + std::string(what);
    return to_hex(as_text(hmac_sha256(how_.key, text)));
}

result<void> password_gate::count(store::tx& on, const verdict& keys) const
{
    // The account before the address, always: nobody waits for another in a circle.
    const auto limited = [&on](const throttle_rule& rule, throttled kind,
                               const std::string& key) -> result<void> {
        if (rule.limit == 0) return {};
        const auto reading = hold_count(on, kind, key);
        const auto tried = attempt(rule, reading.known, reading.now);
        if (tried.wait) {
            failure later(errc::too_many_attempts);
            later.retry_after = *tried.wait;
            return later;
        }
        write_count(on, kind, key, tried.next);
        return {};
    };
    if (auto free = limited(how_.limits.account, throttled::account, keys.account_key); !free)
        return free;
    return limited(how_.limits.address, throttled::address, keys.address_key);
}

}  // namespace kieng::identity
