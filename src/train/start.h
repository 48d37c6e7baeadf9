// What a run says of itself when it begins or goes on: to the log, and to people.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "record/event.h"
#include "train/corpus.h"

namespace andrea {

// Where it comes from.
struct Origin {
  std::optional<int64_t> resumed_from;
  std::vector<std::string> changed;  // options, "key: old -> new"
  std::string init;                  // the .bin of --init
  bool text_changed = false;
};
RunStart run_start(const Config& config, const Corpus& corpus, const Origin& origin);

// Warns where the gate is on and cannot halt the run; then, unless `quiet`, the model, the arms and the
// machine in a line, and on a resume what changed.
void say_what_begins(const Config& config, const RunStart& start, bool quiet);

}  // namespace andrea
