// What of this machine a program uses.
#pragma once
#include "config/config.h"

namespace andrea {

// Sets threads and instructions for all later kernels, as train.threads and train.isa say. Error when this
// processor lacks the instructions.
void use_machine(const TrainOptions& options);

}  // namespace andrea
