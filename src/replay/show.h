// A report as text for a terminal and as the JSON that other programs read.
#pragma once
#include <string>
#include <vector>

#include "replay/report.h"
#include "replay/sweep.h"

namespace andrea {

// {"sources":[...]} on one line, the shape of docs/formats.md; with `cells` also "sweep".
std::string json_report(const std::vector<SourceReport>& reports, const std::vector<SweepCell>& cells = {});

// Lines of at most `width` (40 or more) columns: what the gate would have done, the scores as a chart with
// the gate's line, the loss, the texts it would have halted on.
std::string text_report(const SourceReport& report, int width);

}  // namespace andrea
