#include "node/identity/account_json.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace kieng::identity {
namespace {

using json = nlohmann::json;

template <class T>
std::string fault_of(const result<T>& read)
{
    if (read.has_value()) return "";
    const auto& why = read.error();
    if (why.fields.empty()) return std::string(name_of(why.code));
    return why.fields[0].pointer + " " + std::string(name_of(why.fields[0].code));
}

TEST_CASE("a registration names email and password, and nothing it must not")
{
    const auto read = read_registration(
        R"({"email":"  lan@example.vn ","password":" muoi hai con giap ","firstName":" Lan "})");
    REQUIRE(read.has_value());
    CHECK(read->email == "lan@example.vn");
    CHECK(*read->password == " muoi hai con giap ");
    CHECK(*read->first_name == "Lan");
    CHECK(read->role == "customer");

    const auto fault = [](std::string members) {
        return fault_of(read_registration(
            R"({"email":"lan@example.vn","password":"muoi hai con giap")" + members + "}"));
    };
    CHECK(fault("") == "");
    CHECK(fault(R"(,"role":"owner")") == "/role unknown");
    CHECK(fault(R"(,"id":"1")") == "/id unknown");
    CHECK(fault(R"(,"firstName":null)") == "/firstName not_null");
    CHECK(fault(R"(,"firstName":"   ")") == "/firstName too_short");
    CHECK(fault(R"(,"firstName":7)") == "/firstName wrong_type");
    CHECK(fault(R"(,"phone":"abc")") == "/phone too_short");
    CHECK(fault(R"(,"phone":"abcdefgh")") == "/phone bad_format");
    CHECK(fault(R"(,"phone":"+84 912 345 678")") == "");
    CHECK(fault(R"(,"email":"x@y")") == "/email duplicate");
}

TEST_CASE("an email has one @ with something on both sides")
{
    const auto fault = [](const std::string& email) {
        return fault_of(
            read_registration(R"({"email":")" + email + R"(","password":"muoi hai con giap"})"));
    };
    CHECK(fault("a@b") == "");
    CHECK(fault("lần@ví-dụ.vn") == "");
    for (const auto* bad : {"abc", "@abc", "abc@", "a@b@c", "a b@c", "a\u00a0b@c"})
        CHECK(fault(bad) == "/email bad_format");
    CHECK(fault("a@") == "/email too_short");
    CHECK(fault(std::string(255, 'a')) == "/email too_long");
}

TEST_CASE("what is wrong with a password has a code of its own")
{
    const auto fault = [](const std::string& password) {
        return fault_of(
            read_registration(R"({"email":"lan@example.vn","password":")" + password + R"("})"));
    };
    CHECK(fault("short") == "weak_password");
    CHECK(fault(std::string(73, 'x')) == "password_too_long");
    CHECK(fault("") == "/password too_short");
    CHECK(fault("kieng\\u0000ba chan vung") == "/password syntax");
    CHECK(fault_of(read_credentials(R"({"email":"a","password":")" + std::string(73, 'x') +
                                    R"("})")) == "password_too_long");
    CHECK(fault_of(read_credentials(R"({"email":"a","password":"b"})")) == "");
    CHECK(fault_of(read_registration(R"({"email":"lan@example.vn"})")) == "/password required");
}

TEST_CASE("a profile edit tells absent from null")
{
    const auto read = read_profile_edit(
        R"({"version":3,"firstName":null,"lastName":"An","preferences":{"notifications":{"sms":true}}})");
    REQUIRE(read.has_value());
    CHECK(*read->version == 3);
    CHECK(read->first_name.has_value());
    CHECK(!read->first_name->has_value());
    CHECK(**read->last_name == "An");
    CHECK(!read->phone.has_value());
    CHECK(*read->notify_sms);
    CHECK(!read->notify_email.has_value());
}

TEST_CASE("a profile edit cannot reach role, status, email or the id")
{
    for (const auto* member :
         {"role", "status", "email", "id", "password", "rightsVersion", "isOwner"}) {
        const auto body = R"({"version":1,")" + std::string(member) + R"(":"owner"})";
        CHECK(fault_of(read_profile_edit(body)) == "/" + std::string(member) + " unknown");
    }
}

TEST_CASE("profile edits are checked field by field")
{
    CHECK(fault_of(read_profile_edit("{}")) == " too_few");
    CHECK(fault_of(read_profile_edit("[]")) == " wrong_type");
    CHECK(fault_of(read_profile_edit(R"({"version":0})")) == "/version out_of_range");
    CHECK(fault_of(read_profile_edit(R"({"version":"1"})")) == "/version wrong_type");
    CHECK(fault_of(read_profile_edit(R"({"version":null,"firstName":"A"})")) ==
          "/version not_null");
    CHECK(fault_of(read_profile_edit(R"x({"avatar":"javascript:alert(1)"})x")) ==
          "/avatar bad_format");
    CHECK(fault_of(read_profile_edit(R"({"avatar":"//evil.example/x"})")) == "/avatar bad_format");
    CHECK(fault_of(read_profile_edit(R"({"avatar":"/me.png"})")) == "");
    CHECK(fault_of(read_profile_edit(R"({"preferences":null})")) == "/preferences not_null");
    CHECK(fault_of(read_profile_edit(R"({"preferences":{"currency":"XXX"}})")) ==
          "/preferences/currency unknown_currency");
    CHECK(fault_of(read_profile_edit(R"({"preferences":{"language":"fr"}})")) ==
          "/preferences/language not_one_of");
    CHECK(fault_of(read_profile_edit(R"({"preferences":{"notifications":{"fax":true}}})")) ==
          "/preferences/notifications/fax unknown");
    CHECK(fault_of(read_profile_edit(R"({"preferences":{"notifications":{"sms":1}}})")) ==
          "/preferences/notifications/sms wrong_type");
}

TEST_CASE("the owner's edit knows roles and states")
{
    CHECK(fault_of(read_user_edit(R"({"version":1,"role":"manager"})")) == "");
    CHECK(fault_of(read_user_edit(R"({"version":1,"role":"admin"})")) == "/role not_one_of");
    CHECK(fault_of(read_user_edit(R"({"version":1,"role":"anonymous"})")) == "/role not_one_of");
    CHECK(fault_of(read_user_edit(R"({"version":1,"role":null})")) == "/role not_null");
    CHECK(fault_of(read_user_edit(R"({"version":1,"status":"deleted"})")) == "/status not_one_of");
    CHECK(fault_of(read_user_edit(R"({"version":1,"email":"x@y.vn"})")) == "/email unknown");
}

TEST_CASE("signing out needs no body")
{
    CHECK(read_logout("").has_value());
    CHECK(read_logout("{}").has_value());
    CHECK(read_logout(R"({"everywhere":true})")->everywhere);
    CHECK(fault_of(read_logout(R"({"refreshToken":""})")) == "/refreshToken too_short");
    CHECK(fault_of(read_logout(R"({"refreshToken":"a b"})")) == "/refreshToken bad_format");
    CHECK(fault_of(read_logout(R"({"refreshToken":null})")) == "/refreshToken not_null");
    CHECK(fault_of(read_logout("null")) == " wrong_type");
}

TEST_CASE("an address needs recipient, phone, street and province")
{
    const auto read = read_address(
        R"({"recipient":"Lan","phone":"0912345678","line1":"12 Hàng Bạc","province":"Hà Nội","ward":null})",
        false);
    REQUIRE(read.has_value());
    CHECK(read->country == "VN");
    CHECK(!read->is_default);
    CHECK(!read->ward.has_value());
    CHECK(read_address("{}", false).error().fields.size() == 4);
    CHECK(fault_of(read_address(
              R"({"version":1,"recipient":"L","phone":"0912345678","line1":"1","province":"H"})",
              false)) == "/version unknown");
    CHECK(fault_of(read_address(
              R"({"country":"vn","recipient":"L","phone":"0912345678","line1":"1","province":"H"})",
              true)) == "/country bad_format");
}

TEST_CASE("an account is written as the contract shows it")
{
    user who;
    who.id = "0193a1b2-8c9d-7e0f-a1b2-c3d4e5f60718";
    who.email = "lan\"@example.vn";
    who.role = "customer";
    who.status = "active";
    who.first_name = "Lan";
    who.prefers = {"VND", "vi", true, false, false};
    who.created_at = who.updated_at = *from_iso8601("2026-11-20T12:00:00.123456Z");
    const auto shown = json::parse(to_json(who, {user_field::phone}));
    CHECK(shown.size() == 13);
    CHECK(shown["createdAt"] == "2026-11-20T12:00:00.123Z");
    CHECK(shown["lastName"].is_null());
    CHECK(shown["merged"] == json::array({"phone"}));
    CHECK(shown["preferences"]["notifications"]["email"] == true);
    const auto created = json::parse(with_initial_password(to_json(who), "abc"));
    CHECK(created["initialPassword"] == "abc");
    CHECK(created.size() == 13);
}

TEST_CASE("a conflict shows both values of each field")
{
    user now;
    now.version = 5;
    now.first_name = "Lan";
    now.changed = {{"firstName", 5}};
    user_edit edit;
    edit.first_name = edited<std::string>(std::in_place);
    const auto shown = json::parse("{" + conflict_members(now, apply(now, edit, 4)) + "}");
    CHECK(
        shown ==
        json::parse(
            R"({"currentVersion":5,"conflicts":[{"field":"firstName","theirs":"Lan","yours":null}]})"));
}

}  // namespace
}  // namespace kieng::identity
