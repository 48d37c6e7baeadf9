#include "train/corpus.h"

#include <cstdio>

#include "base/error.h"
#include "base/log.h"
#include "text/prepare.h"

namespace andrea {

Corpus open_corpus(const Config& config, bool show_progress) {
  Corpus corpus;
  corpus.tokenizer = std::make_unique<Tokenizer>(config.tokenizer.model);
  if (corpus.tokenizer->vocab_size() != config.model.vocab_size)
    throw usage_error(fmt::format("model.vocab_size is {}, but the tokenizer {} has {} pieces", config.model.vocab_size,
                                  config.tokenizer.model.string(), corpus.tokenizer->vocab_size()),
                      fmt::format("set model.vocab_size to {}", corpus.tokenizer->vocab_size()));
  for (const ArmOptions& arm : config.arms) {
    const auto on_progress = [&](const PrepareProgress& p) {
      if (!show_progress || p.phase != PrepareProgress::Phase::encoding || p.total == 0) return;
      std::fprintf(stderr, "\r\033[Kpreparing %s: %3.0f %%", arm.name.c_str(), 100.0 * double(p.bytes) / double(p.total));
    };
    corpus.arms.push_back({arm, prepare_arm(arm, *corpus.tokenizer, config.text.stores, config.model.context, on_progress)});
  }
  if (show_progress) std::fputs("\r\033[K", stderr);
  return corpus;
}

}  // namespace andrea
