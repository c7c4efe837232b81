#include "node/identity/audit_service.hpp"

#include "base/ids.hpp"
#include "node/identity/audit_store.hpp"

namespace kieng::identity {

void audit_service::audit(store::tx& on, const actor& who, const audit_entry& what) const
{
    insert_audit(on, make_uuid(now_, bits_), who, what);
}

task<result<store::seen<std::vector<audit_line>>>> audit_service::list(audit_filter what) const
{
    std::function<std::vector<audit_line>(store::tx&)> read =
        [what = std::move(what)](store::tx& on) { return list_audit(on, what); };
    co_return co_await reads_.read<std::vector<audit_line>>(std::move(read));
}

}  // namespace kieng::identity
