// A checkpoint as a reader sees it: its weights, its tokenizer and what the run was told. Changes nothing.
#pragma once
#include <optional>
#include <string>

#include "config/config.h"
#include "model/params.h"
#include "record/event.h"
#include "text/tokenizer.h"
#include "train/checkpoint.h"

namespace andrea {

struct OpenCheckpoint {
  RunFolder folder;
  CheckpointRecord record;
  Config config;
  Tokenizer tokenizer;
  Tensors weights;
};

// `where` is a run folder (then the newest whole checkpoint; newer damaged ones are passed over with a
// warning), or a step_NNNNNN.bin or .json. Error when nothing whole is there, or the tokenizer is another one
// than the run's.
OpenCheckpoint open_checkpoint(const Path& where);

// The run's own sample at that step, from its log; none when there is no such sample or no log. What is
// damaged in the log is passed over.
std::optional<SampleDone> logged_sample(const RunFolder& folder, int64_t step);

}  // namespace andrea
