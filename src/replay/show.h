// A report as text for a terminal and as the JSON that other programs read.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "replay/report.h"
#include "replay/sweep.h"

namespace andrea {

// {"sources":[...]} on one line, the shape of docs/formats.md; with `cells` also "sweep".
std::string json_report(const std::vector<SourceReport>& reports, const std::vector<SweepCell>& cells = {});

// What the gate would have done, in one sentence.
std::string headline(const SourceReport& report);

// What belongs to it, name by name, for people: "saved", "33,000 steps, 3.8 days at 6 steps a minute".
std::vector<std::pair<std::string, std::string>> report_facts(const SourceReport& report);

// What the gate would have done, the scores as a chart with the gate's line, the loss, the texts it would
// have halted on. Chart and texts take at most `width` (40 or more) columns; sentences are as long as they
// are.
std::string text_report(const SourceReport& report, int width);

}  // namespace andrea
