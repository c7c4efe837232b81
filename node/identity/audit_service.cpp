#include "node/identity/audit_service.hpp"

#include "base/ids.hpp"
#include "node/identity/audit_store.hpp"

namespace kieng::identity {

void audit_service::audit(store::tx& on, const actor& who, const audit_entry& what) const
{
    audit_all(on, who, std::vector{what});
}

void audit_service::audit_all(store::tx& on, const actor& who,
                              const std::vector<audit_entry>& entries) const
{
    if (entries.empty()) return;
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < entries.size(); ++i) ids.push_back(make_uuid(now_, bits_));
    insert_audit(on, ids, who, entries);
}

task<result<store::seen<std::vector<audit_line>>>> audit_service::list(audit_filter what) const
{
    std::function<std::vector<audit_line>(store::tx&)> read =
        [what = std::move(what)](store::tx& on) { return list_audit(on, what); };
    co_return co_await reads_.read<std::vector<audit_line>>(std::move(read));
}

}  // namespace kieng::identity
