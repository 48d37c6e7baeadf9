// What of this machine a program uses.
#pragma once
#include "config/config.h"
#include "kernels/view.h"

namespace andrea {

// Sets threads and instructions for all later kernels, as train.threads and train.isa say. Error when this
// processor lacks the instructions.
void use_machine(const TrainOptions& options);

// What train.precision says; auto is bf16 where the instructions in use have products of it.
Numbers numbers_of(const TrainOptions& options);

}  // namespace andrea
