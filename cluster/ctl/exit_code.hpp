// How kiengctl ends, for scripts. Source: docs/KIENGCTL.md, "Exit codes".
#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace kieng::cluster::ctl {

enum class exit_code : std::uint8_t {
    well = 0,
    degraded = 1,  // it works, but something is wrong; or a drill missed its targets
    usage = 2,
    nobody = 3,    // no node answers
    refused = 4,   // a node said no, or a drill may not begin
    not_done = 5,  // asked for, but not seen to happen in time
};

// Why a command cannot go on, in a sentence for the operator.
struct failed {
    failed(exit_code how, std::string sentence) : code(how), why(std::move(sentence)) {}
    exit_code code;
    std::string why;
};

}  // namespace kieng::cluster::ctl
