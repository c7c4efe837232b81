#include "node/import_command.hpp"

#include "node/platform/store/migrator.hpp"

#include <cstdio>
#include <string>

namespace kieng::node {

int migrate_command(const settings& how)
{
    const int applied = store::migrate(how.database, store::embedded_migrations(), [](std::string_view name) {
        std::printf("applied %.*s\n", static_cast<int>(name.size()), name.data());
    });
    std::printf("%d migration%s applied; the schema is up to date\n", applied, applied == 1 ? "" : "s");
    return 0;
}

}  // namespace kieng::node
