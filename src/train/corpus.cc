#include "train/corpus.h"

#include <cstdio>

#include "base/log.h"
#include "text/prepare.h"

namespace andrea {

Corpus open_corpus(const Config& config, bool show_progress) {
  Corpus corpus;
  corpus.tokenizer = std::make_unique<Tokenizer>(load_tokenizer(config));
  for (const ArmOptions& arm : config.arms) {
    const auto on_progress = [&](const PrepareProgress& p) {
      if (!show_progress || p.phase != PrepareProgress::Phase::encoding || p.total == 0) return;
      std::fprintf(stderr, "\r\033[Kpreparing %s: %3.0f %%", arm.name.c_str(),
                   100.0 * double(p.bytes) / double(p.total));
    };
    corpus.arms.push_back(
        {arm, prepare_arm(arm, *corpus.tokenizer, config.text.stores, config.model.context, on_progress)});
  }
  if (show_progress) std::fputs("\r\033[K", stderr);
  return corpus;
}

}  // namespace andrea
