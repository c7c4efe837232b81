// kieng-node: reads the command line and the settings, then hands over to the part that was asked for.
#include "base/log.hpp"
#include "node/app.hpp"
#include "node/audit_command.hpp"
#include "node/import_command.hpp"
#include "node/settings.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>
#include <string>

namespace {

constexpr int kBadSettings = 2;

void print_faults(const std::vector<kieng::node::setting_fault>& faults)
{
    std::fprintf(stderr, "kieng-node: %zu setting%s wrong:\n", faults.size(),
                 faults.size() == 1 ? " is" : "s are");
    for (const auto& fault : faults) {
        std::fprintf(stderr, "  %s %s%s%s\n", fault.name.c_str(), fault.problem.c_str(),
                     fault.example.empty() ? "" : "; for example: ", fault.example.c_str());
    }
}

int run(int argc, char** argv)
{
    CLI::App cli{
        "One node of Kiềng, the sales-management server for shops that must not stop selling."};
    cli.name("kieng-node");
    cli.footer("Settings come from the environment, then from .env (or KIENG_ENV_FILE):\n" +
               kieng::node::settings_help());
    cli.set_version_flag("--version", KIENG_VERSION);
    bool check = false;
    cli.add_flag("--check", check, "Check the settings, say what is wrong, and exit");
    auto* const serve = cli.add_subcommand("serve", "Serve (the default)");
    auto* const migrate =
        cli.add_subcommand("migrate", "Bring the database schema to this release and exit");
    auto* const import =
        cli.add_subcommand("import", "Read products from a CSV file (- for standard input)");
    kieng::node::import_options how;
    import->add_option("file", how.file, "CSV file")->required();
    import->add_flag("--dry-run", how.dry_run, "Check every row, change nothing");
    import->add_flag("--stop-on-error", how.stop_on_error, "Stop at the first faulty row");
    auto* const audit = cli.add_subcommand(
        "audit", "Hold the counters of stock against their ledger and say each difference");
    (void)serve;  // what happens without a command
    CLI11_PARSE(cli, argc, argv);

    std::vector<kieng::node::setting_fault> faults;
    const auto from = kieng::node::process_environment(faults);
    const bool on_database = *migrate || *import || *audit;
    auto settings = kieng::node::load_settings(
        from, on_database ? kieng::node::settings_use::database : kieng::node::settings_use::serve);
    settings.faults.insert(settings.faults.begin(), faults.begin(), faults.end());
    if (!settings.faults.empty()) {
        print_faults(settings.faults);
        return kBadSettings;
    }
    if (check) {
        std::puts("settings are good");
        return 0;
    }
    if (*migrate) return kieng::node::migrate_command(settings.value);
    if (*audit) return kieng::node::audit_command(settings.value);
    if (*import) return kieng::node::import_command(settings.value, how);
    return kieng::node::serve(settings.value);
}

}  // namespace

int main(int argc, char** argv)
{
    try {
        const int code = run(argc, argv);
        kieng::log::stop();
        return code;
    } catch (const std::exception& error) {
        kieng::log::stop();
        std::fprintf(stderr, "kieng-node: %s\n", error.what());
        return 1;
    }
}
