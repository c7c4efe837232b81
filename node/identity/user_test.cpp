#include "node/identity/user.hpp"

#include <doctest/doctest.h>

namespace kieng::identity {
namespace {

user lan()
{
    user out;
    out.email = "lan@example.vn";
    out.role = "cashier";
    out.status = "active";
    out.first_name = "Lan";
    out.prefers = {"VND", "vi", true, false, false};
    out.version = 4;
    out.changed = {{"firstName", 2}, {"phone", 4}};
    return out;
}

TEST_CASE("an edit of the current version moves the version and marks the field")
{
    user_edit edit;
    edit.first_name = "Minh";
    const auto change = apply(lan(), edit, 4);
    CHECK(!change.refused());
    CHECK(change.next.first_name == "Minh");
    CHECK(change.next.version == 5);
    CHECK(change.next.changed.at("firstName") == 5);
    CHECK(change.merged.empty());
    CHECK(!change.changes_rights());
}

TEST_CASE("an edit that changes nothing keeps the version")
{
    user_edit edit;
    edit.first_name = "Lan";
    edit.role = "cashier";
    const auto change = apply(lan(), edit, 4);
    CHECK(change.changed.empty());
    CHECK(change.next.version == 4);
    CHECK(change.next.rights_version == 1);
}

TEST_CASE("edits of different fields both survive, and the answer names what others changed")
{
    user_edit edit;
    edit.last_name = "Nguyễn";
    const auto change = apply(lan(), edit, 3);
    CHECK(!change.refused());
    CHECK(change.merged == std::vector<user_field>{user_field::phone});
    CHECK(change.next.last_name == "Nguyễn");
}

TEST_CASE("edits of the same field to different values collide")
{
    user_edit edit;
    edit.phone = "0912345678";
    edit.last_name = "Nguyễn";
    const auto change = apply(lan(), edit, 3);
    CHECK(change.refused());
    CHECK(change.conflicts == std::vector<user_field>{user_field::phone});
}

TEST_CASE("edits of the same field to the same value do not collide")
{
    user_edit edit;
    edit.first_name = "Lan";
    CHECK(!apply(lan(), edit, 1).refused());
}

TEST_CASE("null clears, absence leaves")
{
    user_edit edit;
    edit.first_name = edited<std::string>(std::in_place);
    const auto change = apply(lan(), edit, 4);
    CHECK(!change.next.first_name.has_value());
    CHECK(change.changed == std::vector<user_field>{user_field::first_name});
}

TEST_CASE("preferences are one field")
{
    auto now = lan();
    now.changed["preferences"] = 4;
    user_edit edit;
    edit.language = "en";
    CHECK(apply(now, edit, 3).conflicts == std::vector<user_field>{user_field::preferences});
    CHECK(apply(now, edit, 4).next.prefers == preferences{"VND", "en", true, false, false});
}

TEST_CASE("a version that never was is refused")
{
    user_edit edit;
    edit.last_name = "Nguyễn";
    const auto change = apply(lan(), edit, 5);
    CHECK(change.unknown_version);
    CHECK(change.refused());
}

TEST_CASE("role, status and password end what older tokens may do; names do not")
{
    user_edit role, status, password, name;
    role.role = "manager";
    status.status = "disabled";
    password.password = "kieng ba chan vung";
    name.first_name = "Minh";
    CHECK(apply(lan(), role, 4).next.rights_version == 2);
    CHECK(apply(lan(), status, 4).next.rights_version == 2);
    CHECK(apply(lan(), password, 4).next.rights_version == 2);
    CHECK(apply(lan(), password, 4).next.version == 4);
    CHECK(apply(lan(), name, 4).next.rights_version == 1);
}

}  // namespace
}  // namespace kieng::identity
