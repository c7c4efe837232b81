#include "node/inventory/location.hpp"

namespace kieng::inventory {

std::string_view name_of(location_field f) noexcept
{
    switch (f) {
    case location_field::code: return "code";
    case location_field::name: return "name";
    case location_field::address: return "address";
    case location_field::active: return "active";
    case location_field::is_default: return "isDefault";
    }
    return {};
}

bool same(location_field f, const location_fields& a, const location_fields& b) noexcept
{
    switch (f) {
    case location_field::code: return a.code == b.code;
    case location_field::name: return a.name == b.name;
    case location_field::address: return a.address == b.address;
    case location_field::active: return a.active == b.active;
    case location_field::is_default: return a.is_default == b.is_default;
    }
    return false;
}

location_fields apply(location_fields base, const location_change& change)
{
    if (change.code) base.code = *change.code;
    if (change.name) base.name = *change.name;
    if (change.address) base.address = *change.address;
    if (change.active) base.active = *change.active;
    if (change.is_default) base.is_default = *change.is_default;
    return base;
}

}  // namespace kieng::inventory
