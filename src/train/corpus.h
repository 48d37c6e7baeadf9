// The text of a run: the tokenizer and the arms, prepared and opened.
#pragma once
#include <memory>
#include <vector>

#include "config/config.h"
#include "curriculum/arm.h"
#include "text/tokenizer.h"

namespace andrea {

struct Corpus {
  std::unique_ptr<Tokenizer> tokenizer;
  std::vector<Arm> arms;
};

// Makes token stores where they are missing, and says so. Usage Error when model.vocab_size is not the number
// of the tokenizer's pieces.
Corpus open_corpus(const Config& config, bool show_progress);

}  // namespace andrea
