#include "replay/sweep.h"

#include <doctest/doctest.h>

#include "base/json.h"
#include "replay/show.h"

using namespace andrea;

namespace {

// A run with these scores, one every 100 steps from 100 on; -1 is a sample too short to judge.
SourceReport run_of(const std::vector<double>& scores) {
  SourceReport run;
  for (const double score : scores) {
    run.last_step += 100;
    run.scores.push_back({run.last_step, std::max(score, 0.0), score >= 0});
  }
  return run;
}

const SweepCell& cell(const std::vector<SweepCell>& cells, double floor, int64_t patience,
                      int64_t start_step) {
  for (const SweepCell& c : cells)
    if (c.floor == floor && c.patience == patience && c.start_step == start_step) return c;
  FAIL("no such cell");
  return cells[0];
}

}  // namespace

TEST_CASE("each cell is the gate with that floor, patience and start step") {
  const SourceReport bad = run_of(
      {80, 80, 80, 80, 80, 80, 22, 22, -1, 22, 5, 5, 5, 5});  // 22 at 700, 800, 1000; 5 at 1100 to 1400
  const SourceReport slow = run_of({15, 15, 15, 80, 80, 80, 80, 80, 80, 80});
  const auto cells = sweep({bad}, {slow});
  CHECK(cell(cells, 30, 5, 500).halt_steps[0] == 1200);
  CHECK(cell(cells, 30, 5, 500).saved_steps == 200);
  CHECK(cell(cells, 25, 3, 500).halt_steps[0] == 1000);
  CHECK(cell(cells, 20, 3, 500).halt_steps[0] == 1300);
  CHECK(!cell(cells, 20, 5, 500).halt_steps[0]);
  CHECK(cell(cells, 25, 2, 1000).halt_steps[0] == 1100);
  CHECK(cell(cells, 30, 3, 0).false_halts == 1);
  CHECK(cell(cells, 30, 3, 0).lost_steps == 700);
  CHECK(cell(cells, 30, 3, 500).false_halts == 0);
}

TEST_CASE(
    "the best: no healthy run halted counts most, then runs halted, then steps saved, then the default") {
  const SourceReport bad = run_of({80, 80, 80, 80, 80, 80, 5, 5, 5, 5, 5, 5, 5, 5});
  const SourceReport dip = run_of({80, 80, 80, 80, 80, 80, 5, 5, 80, 80, 80, 80});
  const auto alone = sweep({bad}, {});
  CHECK(best_of(alone).patience == 2);
  CHECK(best_of(alone).floor == 30);
  CHECK(best_of(alone).start_step == 500);
  const auto both = sweep({bad}, {dip});
  CHECK(best_of(both).patience == 3);
  CHECK(best_of(both).false_halts == 0);
  const auto healthy_only = sweep({}, {dip});
  CHECK(best_of(healthy_only).patience == 5);
  CHECK(best_of(healthy_only).floor == 30);
}

TEST_CASE("shown as a table and as JSON") {
  const auto cells = sweep({run_of({80, 80, 80, 80, 80, 80, 5, 5, 5, 5, 5, 5, 5, 5})}, {});
  const std::string text = text_sweep(cells, 1, 0);
  CHECK(text.find("Best: floor 30, patience 2, start_step 500: 1 of 1 runs halted, 600 steps saved") !=
        std::string::npos);
  CHECK(text.find("Without --healthy RUN...") != std::string::npos);
  const Json json = parse_json(json_report({}, cells), "report")["sweep"];
  CHECK(json["cells"].size() == cells.size());
  CHECK(json["best"]["saved_steps"] == 600);
}
