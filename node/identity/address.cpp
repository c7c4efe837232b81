#include "node/identity/address.hpp"

namespace kieng::identity {

address_merge merge(const std::optional<address_input>& base, const address_input& theirs,
                    const address_input& yours)
{
    address_merge out{yours, {}, {}};
    for (const auto& field : kAddressFields) {
        std::visit(
            [&](auto member) {
                if (theirs.*member == yours.*member) return;
                if (base && theirs.*member == (*base).*member) return;
                out.next.*member = theirs.*member;
                if (base && yours.*member == (*base).*member)
                    out.merged.push_back(field);
                else
                    out.conflicts.push_back(field);
            },
            field.member);
    }
    return out;
}

}  // namespace kieng::identity
