// kiengctl: reads the command line, does the one thing that was asked for, ends with a code for scripts.
#include "cluster/ctl/commands.hpp"

#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>

namespace {

using namespace kieng;
using namespace kieng::cluster::ctl;

constexpr int kBroken = 70;

task<exit_code> perform(caller& nodes, const options& how)
{
    switch (how.what) {
    case command::status: return show_status(nodes, how);
    case command::health: return show_health(nodes, how);
    case command::watch: return watch(nodes, how);
    case command::lag: return show_lag(nodes, how);
    case command::handover: return hand_over(nodes, how);
    case command::drain:
    case command::undrain: return change_use(nodes, how);
    case command::raise_incarnation: return raise_incarnation(nodes, how);
    case command::drill: return run_drill(nodes, how);
    }
    return show_status(nodes, how);
}

// What is under way is destroyed with the io_context: stopped processes go on, cut links heal, the terminal is given back.
int run(const options& how)
{
    int code = kBroken;
    std::exception_ptr thrown;
    {
        asio::io_context io(1);
        asio::signal_set signals(io, SIGINT, SIGTERM);
        signals.async_wait([&](const boost::system::error_code& failed_wait, int signal) {
            if (failed_wait) return;
            constexpr int kBySignal = 128;
            code = kBySignal + signal;
            io.stop();
        });
        caller nodes(io.get_executor(), how);
        asio::co_spawn(io.get_executor(), perform(nodes, how),
                       [&](std::exception_ptr error, exit_code ended) {
                           thrown = error;
                           if (!error) code = static_cast<int>(ended);
                           io.stop();
                       });
        io.run();
    }
    if (thrown) std::rethrow_exception(thrown);
    return code;
}

}  // namespace

int main(int argc, char** argv)
{
    try {
        const environment from = [](const std::string& name) -> std::optional<std::string> {
            const char* const value = std::getenv(name.c_str());
            if (value == nullptr) return std::nullopt;
            return value;
        };
        const reading asked = read_command_line({argv + 1, argv + argc}, from, KIENG_VERSION);
        std::fputs(asked.out.c_str(), stdout);
        std::fputs(asked.err.c_str(), stderr);
        if (!asked.what) return static_cast<int>(asked.code);
        return run(*asked.what);
    } catch (const std::invalid_argument& error) {
        std::fprintf(stderr, "kiengctl: %s\n", error.what());
        return static_cast<int>(exit_code::usage);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "kiengctl: %s\n", error.what());
        return kBroken;
    }
}
