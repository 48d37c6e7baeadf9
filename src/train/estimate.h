// What a run will need, before it starts: `andrea-train --check`.
#pragma once
#include <string>

#include "config/config.h"

namespace andrea {

// Memory of training in bytes: weights, gradients and moments, activations of the rows that go through at
// once and of evaluation, and the logits of a chunk. The token stores are mapped and not counted.
double estimated_memory(const Config& config);

// Opens (or makes) the token stores and tells: each arm's documents, tokens, share and epochs; parameters;
// memory, disk and time. The time comes from one measured step of this model on this machine.
std::string check_report(const Config& config);

}  // namespace andrea
