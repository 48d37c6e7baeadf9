// An arm: one source of text, and where reading it has come to.
//
// An arm is read as one endless stream: BOS, document, BOS, document, ... Each document comes once before any
// comes twice; the order is drawn from the seed and changes with every pass (epoch).
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "config/config.h"
#include "curriculum/worth.h"
#include "text/store.h"

namespace andrea {

// The part of an arm that must survive a stop: where reading it has come to, and what it is worth. Belongs to
// the text with this fingerprint and to no other.
struct ArmState {
  std::string name, fingerprint;
  int64_t epoch = 0;     // finished passes
  int64_t document = 0;  // place in this epoch's order
  int64_t token = 0;     // place in that document; 0 is its BOS
  int64_t pulls = 0;     // steps that read this arm
  Worth worth = {};      // to the bandit
  int64_t focus = 0;     // place in the bandit's focus set, 1 = best; 0 = not in it
  bool operator==(const ArmState&) const = default;
};
template <class V>
void visit(V& v, ArmState& arm) {
  auto& [name, fingerprint, epoch, document, token, pulls, worth, focus] =
      arm;  // a member that is not here: an error
  v("name", name), v("fingerprint", fingerprint), v("epoch", epoch), v("document", document);
  v("token", token), v("pulls", pulls);
  v.later("worth", worth), v.later("focus", focus);
}

struct Arm {
  ArmOptions options;
  TokenStore store;
  std::string fingerprint() const;  // of the text alone, not of the tokenizer
  uint32_t stream_id() const;       // names the arm's random numbers; made of its name
};

// Its cap is above 0.
bool may_be_read(const Arm& arm);

// The order of an arm's training documents in an epoch: a permutation of 0 .. documents-1.
std::vector<uint32_t> document_order(uint64_t seed, uint32_t stream_id, int64_t epoch, int64_t documents);

// Rows for training: `inputs` and `targets` are rows x T, row-major; each target is the token after its
// input.
struct Batch {
  std::vector<uint16_t> inputs, targets;
};

// Reads one arm forward from its place. Keeps the current epoch's order at hand; that is a cache, not state.
class ArmReader {
 public:
  ArmReader(const Arm& arm, uint64_t seed);
  void read(ArmState& at, int64_t rows, int64_t T, Batch& out);
  // A place that points into this arm's text; Error otherwise (a damaged or foreign checkpoint).
  void check_place(const ArmState& at) const;

 private:
  void append(ArmState& at, int64_t count, std::vector<uint16_t>& out);
  const Arm* arm_;
  uint64_t seed_;
  int64_t epoch_ = -1;
  std::vector<uint32_t> order_;
};

}  // namespace andrea
