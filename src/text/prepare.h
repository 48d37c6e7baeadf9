// From an arm's text to its token store: opened when there is a whole one, else made.
#pragma once
#include <cstdint>
#include <functional>

#include "base/bar.h"
#include "config/config.h"
#include "text/store.h"
#include "text/tokenizer.h"

namespace andrea {

struct PrepareProgress {
  enum class Phase { reading, encoding } phase;  // reading: for the fingerprint
  uint64_t bytes, total;                         // of the arm's files
};
// Called now and then, from the thread that called prepare_arm.
using OnPrepare = std::function<void(const PrepareProgress&)>;
OnPrepare show_on(Bar& bar, const std::string& arm);  // `bar` outlives the result

// Reads all of the arm's text for its fingerprint, then opens the store of that text and that tokenizer in
// the folder `stores`, or makes it on threads() threads; their number does not change the result. While
// another process makes a store in the same folder it waits. Warns of invalid UTF-8, files that were ignored,
// and a damaged store.
//
// Error: what documents.h says; no text at all; not more than `context` tokens to train on; a full disk.
TokenStore prepare_arm(const ArmOptions& arm, const Tokenizer& tokenizer, const Path& stores, int64_t context,
                       const OnPrepare& on_progress = {});

// config.tokenizer.model. Usage Error when its number of pieces is not config.model.vocab_size.
Tokenizer load_tokenizer(const Config& config);

// Where that store lies: STORES/<arm>-<16 hexadecimal digits of both fingerprints>.tokens
Path store_path(const ArmOptions& arm, const Tokenizer& tokenizer, Hash128 text_fingerprint,
                const Path& stores);

}  // namespace andrea
