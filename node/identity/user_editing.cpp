#include "node/identity/user_editing.hpp"

#include "node/identity/account_json.hpp"
#include "node/identity/session_store.hpp"
#include "node/identity/user_store.hpp"

namespace kieng::identity {
namespace {

// The texts of an edit in normal form, as the database keeps them, so that equal looks equal.
void normalize(store::tx& on, user_edit& edit)
{
    std::vector<std::string*> places;
    for (auto* text : {&edit.first_name, &edit.last_name, &edit.phone, &edit.avatar}) {
        if (*text && **text) places.push_back(&***text);
    }
    std::vector<std::string> texts;
    for (const auto* place : places) texts.push_back(*place);
    const auto in_form = normalized(on, texts);
    for (std::size_t i = 0; i < places.size(); ++i) *places[i] = in_form.at(i);
}

failure required_version(std::int64_t current)
{
    failure out(errc::version_required);
    out.members = version_member(current);
    return out;
}

failure conflict(const user& now, const user_change& change)
{
    failure out(errc::version_conflict);
    out.members = conflict_members(now, change);
    return out;
}

void note(store::tx& on, const user& before, const user_change& change, const actor& by,
          const audit_service& log)
{
    const bool disabled = change.changes(user_field::status) && !change.next.active();
    log.audit(on, by,
              {disabled ? "user.disable" : "user.update", "user", before.id,
               changes_json(before, change)});
}

}  // namespace

result<edit_outcome> edit_account(store::tx& on, const edit_request& what, const actor& by,
                                  const audit_service& log)
{
    // Before the row: two owners who demote each other queue here instead of both finding the other still an owner.
    if (what.edit.role || what.edit.status) lock_owners(on);
    const auto now = lock_user(on, what.user_id);
    if (!now) return failure(errc::not_found);
    if (!what.edit.version) return required_version(now->version);

    user_edit edit = what.edit;
    normalize(on, edit);
    auto change = apply(*now, edit, *edit.version);
    if (change.refused()) return conflict(*now, change);
    if (now->active_owner() && !change.next.active_owner() && active_owners(on) == 1)
        return failure(errc::last_owner);

    edit_outcome out{*now, std::move(change.merged)};
    const bool new_password = !what.password_hash.empty();
    if (change.changed.empty() && !new_password) return out;
    out.now = update_user(on, change.next, by.user_id);
    if (new_password) {
        set_password(on, now->id, what.password_hash);
        log.audit(on, by, {"user.password", "user", now->id});
    }
    if (!change.changed.empty()) {
        announce_user(on, out.now);
        note(on, *now, change, by, log);
    }
    if (out.now.rights_version != now->rights_version) announce_rights(on, out.now);
    if (new_password || !out.now.active()) end_sessions(on, now->id, "");
    return out;
}

}  // namespace kieng::identity
