#include "train/corpus.h"

#include "text/prepare.h"

namespace andrea {

Corpus open_corpus(const Config& config, bool show_progress) {
  Corpus corpus;
  corpus.tokenizer = std::make_unique<Tokenizer>(load_tokenizer(config));
  Bar bar;
  for (const ArmOptions& arm : config.arms)
    corpus.arms.push_back({arm, prepare_arm(arm, *corpus.tokenizer, config.text.stores, config.model.context,
                                            show_progress ? show_on(bar, arm.name) : OnPrepare())});
  return corpus;
}

}  // namespace andrea
