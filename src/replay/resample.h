// Samples made again: andrea-sample, started for each checkpoint of a run that wrote none.
#pragma once
#include <string>
#include <vector>

#include "base/files.h"
#include "replay/observation.h"

namespace andrea {

// "sampling.temperature=0.5" and the like as arguments of andrea-sample; of tokens, temperature, top_k and
// prompt, and train.seed. Error (usage) for any other option.
std::vector<std::string> sample_arguments(const std::vector<std::string>& sets);

// What the checkpoint writes with these arguments. Error when andrea-sample, which is looked for beside this
// program, cannot be started or fails (usage, when it is the arguments); its own sentence has then gone to
// stderr.
WrittenSample sample_again(const Path& checkpoint, int64_t step, const std::vector<std::string>& arguments);

}  // namespace andrea
