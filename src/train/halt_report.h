// What a person must see when the gate halts a run.
#pragma once
#include <string>

#include "config/config.h"
#include "gate/gate.h"
#include "record/run_folder.h"

namespace andrea {

// The beginnings of the streak's samples (from the log), the last healthy checkpoint, and the command that
// goes on from it. Several lines.
std::string halt_report(const RunFolder& folder, const GateState& state, const GateOptions& gate);

}  // namespace andrea
