// Records in JSON. The only door to simdjson: a log of two gigabytes is read in seconds. A number reads back
// to the bits it was written from.
#pragma once
#include <optional>
#include <vector>

#include "replay/columns.h"
#include "replay/observation.h"

namespace andrea {

// Our own events.jsonl: steps, samples, and the options of each run_start.
Reading read_event(std::string_view record, std::vector<Observation>& out);

// {"type": "run.loss", "step": 1, "loss": 5.2, "ts": ..., "run_id": ...} and {"type": "run.sample", ...}:
// those of the first run_id that has a loss or a sample.
RecordReader run_event_reader();

// [step, loss] of a <name>.loss.json.
Reading read_loss_pair(std::string_view record, std::vector<Observation>& out);

// {"step", "text" or "content" or "ids", ...} of a <name>.samples.json.
Reading read_published_sample(std::string_view record, std::vector<Observation>& out);

// {"step", "loss", ...} of the log_history of a trainer_state.json; evaluations ("eval_loss") are passed
// over.
Reading read_log_history(std::string_view record, std::vector<Observation>& out);

// The max_steps that such a file says behind its log_history (its names are sorted), when it does.
void read_behind_log_history(std::string_view rest, std::vector<Observation>& out);

// Objects with columns of these names (columns.h), all of them given.
RecordReader json_columns_reader(const Columns& columns);

// The names of the numbers and strings of an object, in its order; nullopt when it is no JSON object.
std::optional<std::vector<std::string>> json_names(std::string_view record);

}  // namespace andrea
