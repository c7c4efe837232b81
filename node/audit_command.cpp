#include "node/audit_command.hpp"

#include "base/ids.hpp"
#include "node/inventory/ledger_audit_store.hpp"

#include <cstdio>
#include <exception>
#include <string>

namespace kieng::node {
namespace {

constexpr int kDiffers = 1;
constexpr int kCouldNotLook = 2;

void print(const inventory::difference& of)
{
    std::printf("variant %s at %s%s%s: %s is %lld, the ledger says %lld\n", of.variant_id.c_str(),
                of.location_id.c_str(), of.lot.empty() ? "" : ", lot ", of.lot.c_str(),
                of.what.c_str(), static_cast<long long>(of.counter),
                static_cast<long long>(of.ledger));
}

}  // namespace

int audit_command(const settings& how)
{
    auto options = how.database;
    options.role = "audit";
    const auto boot = make_uuid(system_clock(), system_random());
    options.boot_id = boot.substr(boot.rfind('-') + 1);
    inventory::ledger_report report;
    try {
        report = inventory::audit_ledger(options);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "kieng-node: the stock could not be audited: %s\n", error.what());
        return kCouldNotLook;
    }
    for (const auto& one : report.differences) print(one);
    std::printf("%lld variants at their places, %lld lots, %lld movements, %lld reservations: ",
                static_cast<long long>(report.variants), static_cast<long long>(report.lots),
                static_cast<long long>(report.movements),
                static_cast<long long>(report.reservations));
    if (report.differences.empty()) {
        std::puts("the counters agree with the ledger");
        return 0;
    }
    std::printf("%zu difference%s\n", report.differences.size(),
                report.differences.size() == 1 ? "" : "s");
    return kDiffers;
}

}  // namespace kieng::node
