#include "node/identity/user.hpp"

#include <algorithm>

namespace kieng::identity {
namespace {

template <class T>
void set(T& to, const std::optional<T>& from)
{
    if (from) to = *from;
}

user edited_by(const user& now, const user_edit& edit)
{
    user next = now;
    set(next.first_name, edit.first_name);
    set(next.last_name, edit.last_name);
    set(next.phone, edit.phone);
    set(next.avatar, edit.avatar);
    set(next.prefers.currency, edit.currency);
    set(next.prefers.language, edit.language);
    set(next.prefers.notify_email, edit.notify_email);
    set(next.prefers.notify_sms, edit.notify_sms);
    set(next.prefers.notify_push, edit.notify_push);
    set(next.role, edit.role);
    set(next.status, edit.status);
    return next;
}

}  // namespace

std::string_view name_of(user_field field) noexcept
{
    switch (field) {
    case user_field::first_name: return "firstName";
    case user_field::last_name: return "lastName";
    case user_field::phone: return "phone";
    case user_field::avatar: return "avatar";
    case user_field::preferences: return "preferences";
    case user_field::role: return "role";
    case user_field::status: return "status";
    }
    return "";
}

bool same(user_field field, const user& a, const user& b)
{
    switch (field) {
    case user_field::first_name: return a.first_name == b.first_name;
    case user_field::last_name: return a.last_name == b.last_name;
    case user_field::phone: return a.phone == b.phone;
    case user_field::avatar: return a.avatar == b.avatar;
    case user_field::preferences: return a.prefers == b.prefers;
    case user_field::role: return a.role == b.role;
    case user_field::status: return a.status == b.status;
    }
    return true;
}

bool user_change::changes(user_field field) const noexcept
{
    return std::find(changed.begin(), changed.end(), field) != changed.end();
}

bool user_change::changes_rights() const noexcept
{
    return changes(user_field::role) || changes(user_field::status);
}

user_change apply(const user& now, const user_edit& edit, std::int64_t from)
{
    user_change out;
    out.next = edited_by(now, edit);
    out.unknown_version = from > now.version;
    for (const auto field : kUserFields) {
        const auto last = now.changed.find(name_of(field));
        const bool by_others = last != now.changed.end() && last->second > from;
        const bool by_us = !same(field, now, out.next);
        if (by_us) out.changed.push_back(field);
        if (by_us && by_others) out.conflicts.push_back(field);
        if (!by_us && by_others) out.merged.push_back(field);
    }
    if (out.changes_rights() || edit.password) ++out.next.rights_version;
    if (!out.changed.empty()) ++out.next.version;
    for (const auto field : out.changed)
        out.next.changed[std::string(name_of(field))] = out.next.version;
    return out;
}

}  // namespace kieng::identity
