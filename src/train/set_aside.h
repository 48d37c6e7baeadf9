// What a run folder holds behind the checkpoint that a run goes on from.
#pragma once
#include <optional>

#include "record/run_folder.h"
#include "train/checkpoint.h"

namespace andrea {

// Cuts the log back to what belongs to `record` (all of it goes when there is none) and renames newer
// checkpoints, so that what is in the folder is one run. Says what was set aside; nothing is deleted but
// half-written files (*.tmp) of a program that was killed. Says also which .bin of such a program has no
// record.
void set_aside_what_follows(const RunFolder& folder, const std::optional<CheckpointRecord>& record);

}  // namespace andrea
