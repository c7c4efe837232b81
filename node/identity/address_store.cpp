#include "node/identity/address_store.hpp"

#include "node/identity/row.hpp"
#include "node/identity/user_store.hpp"
#include "node/platform/store/tx.hpp"

namespace kieng::identity {
namespace {

using store::statement;

#define KIENG_ADDRESS_COLUMNS                                                                                          \
    "id, label, recipient, phone, line1, line2, ward, district, province, postal_code, country, is_default, version, " \
    "(extract(epoch FROM created_at) * 1000000)::bigint AS created_us, "                                               \
    "(extract(epoch FROM updated_at) * 1000000)::bigint AS updated_us"

constexpr statement kList{
    "addresses_list",
    "SELECT " KIENG_ADDRESS_COLUMNS
    " FROM addresses WHERE user_id = $1 ORDER BY is_default DESC, created_at DESC, id DESC LIMIT 200"};
constexpr statement kFind{"address_find", "SELECT " KIENG_ADDRESS_COLUMNS
                                          " FROM addresses WHERE user_id = $1 AND id = $2"};
constexpr statement kFindVersion{
    "address_find_version",
    "SELECT label, recipient, phone, line1, line2, ward, district, province, postal_code, country, is_default "
    "FROM address_versions WHERE address_id = $1 AND version = $2"};
constexpr statement kCount{"addresses_count", "SELECT count(*) FROM addresses WHERE user_id = $1"};
constexpr statement kInsert{
    "address_insert",
    "INSERT INTO addresses (id, user_id, label, recipient, phone, line1, line2, ward, district, province, postal_code, country, "
    "is_default, updated_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $2) "
    "RETURNING " KIENG_ADDRESS_COLUMNS};
constexpr statement kUpdate{
    "address_update",
    "UPDATE addresses SET label = $3, recipient = $4, phone = $5, line1 = $6, line2 = $7, ward = $8, district = $9, "
    "province = $10, postal_code = $11, country = $12, is_default = $13, version = version + 1, updated_at = now(), "
    "updated_by = $2 WHERE id = $1 AND user_id = $2 RETURNING " KIENG_ADDRESS_COLUMNS};
constexpr statement kDelete{"address_delete", "DELETE FROM addresses WHERE id = $1"};
constexpr statement kClear{
    "address_clear_default",
    "UPDATE addresses SET is_default = false, version = version + 1, updated_at = now() WHERE user_id = $1 AND is_default"};
constexpr statement kPromote{
    "address_promote",
    "UPDATE addresses SET is_default = true, version = version + 1, updated_at = now() WHERE id = (SELECT id FROM addresses "
    "WHERE user_id = $1 AND id <> $2 ORDER BY created_at DESC, id DESC LIMIT 1) RETURNING id"};

template <class Row>
address_input input_of(const Row& row)
{
    address_input out;
    out.label = optional_text_of(row, "label");
    out.recipient = text_of(row, "recipient");
    out.phone = text_of(row, "phone");
    out.line1 = text_of(row, "line1");
    out.line2 = optional_text_of(row, "line2");
    out.ward = optional_text_of(row, "ward");
    out.district = optional_text_of(row, "district");
    out.province = text_of(row, "province");
    out.postal_code = optional_text_of(row, "postal_code");
    out.country = text_of(row, "country");
    out.is_default = flag_of(row, "is_default");
    return out;
}

template <class Row>
address address_of(const Row& row)
{
    address out;
    out.id = text_of(row, "id");
    out.what = input_of(row);
    out.version = number_of(row, "version");
    out.created_at = time_of(row, "created_us");
    out.updated_at = time_of(row, "updated_us");
    return out;
}

address write(store::tx& on, const statement& how, const std::string& id,
              const std::string& user_id, const address_input& what)
{
    const auto rows =
        on.exec(how, id, user_id, nullable(what.label), what.recipient, what.phone, what.line1,
                nullable(what.line2), nullable(what.ward), nullable(what.district), what.province,
                nullable(what.postal_code), what.country, what.is_default);
    return address_of(rows[0]);
}

}  // namespace

std::vector<address> list_addresses(store::tx& on, const std::string& user_id)
{
    std::vector<address> out;
    for (const auto& row : on.exec(kList, user_id)) out.push_back(address_of(row));
    return out;
}

std::optional<address> find_address(store::tx& on, const std::string& user_id,
                                    const std::string& id)
{
    const auto rows = on.exec(kFind, user_id, id);
    if (rows.empty()) return std::nullopt;
    return address_of(rows[0]);
}

std::optional<address_input> find_address_version(store::tx& on, const std::string& id,
                                                  std::int64_t version)
{
    const auto rows = on.exec(kFindVersion, id, version);
    if (rows.empty()) return std::nullopt;
    return input_of(rows[0]);
}

std::int64_t count_addresses(store::tx& on, const std::string& user_id)
{
    return on.exec(kCount, user_id)[0][0].as<std::int64_t>();
}

address insert_address(store::tx& on, const std::string& id, const std::string& user_id,
                       const address_input& what)
{
    return write(on, kInsert, id, user_id, what);
}

address update_address(store::tx& on, const std::string& id, const std::string& user_id,
                       const address_input& what)
{
    return write(on, kUpdate, id, user_id, what);
}

void delete_address(store::tx& on, const std::string& id)
{
    on.exec(kDelete, id);
}

void clear_default(store::tx& on, const std::string& user_id)
{
    on.exec(kClear, user_id);
}

bool promote_newest(store::tx& on, const std::string& user_id, const std::string& except)
{
    return !on.exec(kPromote, user_id, except).empty();
}

address_input normalized(store::tx& on, address_input what)
{
    std::vector<std::string*> places{&what.recipient, &what.line1, &what.province};
    for (auto* text : {&what.label, &what.line2, &what.ward, &what.district}) {
        if (*text) places.push_back(&**text);
    }
    std::vector<std::string> texts;
    for (const auto* place : places) texts.push_back(*place);
    const auto in_form = normalized(on, texts);
    for (std::size_t i = 0; i < places.size(); ++i) *places[i] = in_form.at(i);
    return what;
}

}  // namespace kieng::identity
