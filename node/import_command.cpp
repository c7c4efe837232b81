#include "node/import_command.hpp"

#include "base/ids.hpp"
#include "node/catalog/catalog.hpp"
#include "node/platform/store/migrator.hpp"

#include <boost/asio/use_future.hpp>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>
#include <thread>

namespace kieng::node {
namespace {

constexpr std::size_t kPiece = 65'536;
constexpr std::size_t kShownErrors = 50;
constexpr int kRefused = 1;
constexpr int kRowsFailed = 3;

// One context with a thread, for a command that waits for one coroutine.
class context_thread {
public:
    context_thread() : stay_(asio::make_work_guard(context_)), thread_([this] { context_.run(); })
    {}
    ~context_thread()
    {
        stay_.reset();
        context_.stop();
        thread_.join();
    }
    context_thread(const context_thread&) = delete;
    context_thread& operator=(const context_thread&) = delete;

    template <class T>
    T wait_for(task<T> what)
    {
        return asio::co_spawn(context_.get_executor(), std::move(what), asio::use_future).get();
    }

private:
    asio::io_context context_{1};
    asio::executor_work_guard<executor> stay_;
    std::thread thread_;
};

// The file piece by piece. Reading a local file may block: nothing else runs on this context.
catalog::import_service::source pieces_of(std::istream& from)
{
    return [&from]() -> task<result<std::string>> {
        std::string piece(kPiece, '\0');
        from.read(piece.data(), static_cast<std::streamsize>(piece.size()));
        piece.resize(static_cast<std::size_t>(from.gcount()));
        co_return piece;
    };
}

int print_report(const catalog::import_report& report)
{
    for (std::size_t i = 0; i < report.errors.size() && i < kShownErrors; ++i) {
        const auto& error = report.errors[i];
        std::printf("row %lld: %s %s%s%s\n", static_cast<long long>(error.row),
                    error.what.pointer.c_str(), std::string(name_of(error.what.code)).c_str(),
                    error.what.allowed.empty() ? "" : ", allowed: ", error.what.allowed.c_str());
    }
    std::printf("%s%lld rows: %lld created, %lld updated, %lld unchanged, %lld failed%s\n",
                report.dry_run ? "dry run, nothing changed: " : "",
                static_cast<long long>(report.rows), static_cast<long long>(report.created),
                static_cast<long long>(report.updated), static_cast<long long>(report.unchanged),
                static_cast<long long>(report.failed), report.stopped ? ", stopped" : "");
    if (report.broken) {
        std::printf(
            "the import broke off: %s %s\nrows 1 to %lld are done; import the file again to go on\n",
            std::string(name_of(report.broken->code)).c_str(), report.broken->detail.en.c_str(),
            static_cast<long long>(report.rows));
        return kRefused;
    }
    return report.failed > 0 ? kRowsFailed : 0;
}

}  // namespace

int migrate_command(const settings& how)
{
    const int applied =
        store::migrate(how.database, store::embedded_migrations(), [](std::string_view name) {
            std::printf("applied %.*s\n", static_cast<int>(name.size()), name.data());
        });
    std::printf("%d migration%s applied; the schema is up to date\n", applied,
                applied == 1 ? "" : "s");
    return 0;
}

int import_command(const settings& how, const import_options& what)
{
    std::ifstream file;
    if (what.file != "-") {
        file.open(what.file, std::ios::binary);
        if (!file) {
            std::fprintf(stderr, "kieng-node: %s cannot be read\n", what.file.c_str());
            return kRefused;
        }
    }
    store::migrate(how.database, store::embedded_migrations(), nullptr);
    auto options = how.database;
    options.connections = 1;
    options.role = "import";
    options.boot_id = make_uuid(system_clock(), system_random());
    store::database database(options);
    // Running nodes hear of the changes through the outbox.
    store::unit_of_work writes(database, nullptr);
    catalog::catalog goods(how.default_currency, database, writes, system_clock(), system_random());
    database.start();
    context_thread io;
    catalog::import_options rules;
    rules.dry_run = what.dry_run;
    rules.stop_on_error = what.stop_on_error;
    rules.create_categories = true;
    identity::actor operator_here;  // no account: the system itself, as the audit log shows it
    operator_here.user_agent = "kieng-node import";
    const auto report = io.wait_for(goods.imports().import_csv(
        operator_here, pieces_of(what.file == "-" ? std::cin : file), rules));
    database.stop();
    if (!report) {
        std::fprintf(stderr, "kieng-node: the import ended: %s %s\n",
                     std::string(name_of(report.error().code)).c_str(),
                     report.error().detail.en.c_str());
        return kRefused;
    }
    return print_report(*report);
}

}  // namespace kieng::node
