#include "curriculum/arm.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/checksum.h"
#include "base/error.h"
#include "base/rng.h"
#include "text/tokenizer.h"

namespace andrea {

std::string Arm::fingerprint() const { return store.text_fingerprint().hex(); }

uint32_t Arm::stream_id() const { return uint32_t(hash64(options.name)); }

bool may_be_read(const Arm& arm) { return arm.options.cap.value_or(1) > 0; }

std::vector<uint32_t> document_order(uint64_t seed, uint32_t stream_id, int64_t epoch, int64_t documents) {
  return permutation(stream(seed, Purpose::document_order, uint64_t(epoch), stream_id), documents);
}

ArmReader::ArmReader(const Arm& arm, uint64_t seed) : arm_(&arm), seed_(seed) {
  check(arm.store.documents() > 0, "an arm has documents");
}

void ArmReader::check_place(const ArmState& at) const {
  constexpr int64_t kEpochs = int64_t{1} << 48, kPulls = 1'000'000'000;  // no run comes near
  const int64_t documents = arm_->store.documents();
  bool valid = at.epoch >= 0 && at.epoch < kEpochs && at.document >= 0 && at.document < documents &&
               at.pulls >= 0 && at.pulls <= kPulls;
  if (valid) {
    const auto order = document_order(seed_, arm_->stream_id(), at.epoch, documents);
    // BOS and all but the last token may have been read: behind the last one the next document begins.
    const auto text = arm_->store.document(order[size_t(at.document)]);
    valid = at.token >= 0 && at.token <= int64_t(text.size());
  }
  if (!valid)
    throw Error(
        fmt::format(
            "the place in arm '{}' (epoch {}, document {}, token {}, {} pulls) is none that reading its {} "
            "documents comes to",
            at.name, at.epoch, at.document, at.token, at.pulls, documents),
        "the checkpoint was changed; go on from an older one with --resume STEP");
}

// Moves the cursor over `count` tokens and appends them to `out`.
void ArmReader::append(ArmState& at, int64_t count, std::vector<uint16_t>& out) {
  while (count > 0) {
    if (at.epoch != epoch_) {
      order_ = document_order(seed_, arm_->stream_id(), at.epoch, arm_->store.documents());
      epoch_ = at.epoch;
    }
    const auto text = arm_->store.document(order_[size_t(at.document)]);
    if (at.token == 0) {
      out.push_back(Tokenizer::kBos);
      ++at.token, --count;
    }
    const int64_t left = int64_t(text.size()) + 1 - at.token;
    const int64_t take = std::min(std::max<int64_t>(left, 0), count);
    out.insert(out.end(), text.begin() + (at.token - 1), text.begin() + (at.token - 1 + take));
    at.token += take, count -= take;
    if (take < left) continue;
    at.token = 0;
    if (++at.document == arm_->store.documents()) at.document = 0, ++at.epoch;
  }
}

void ArmReader::read(ArmState& at, int64_t rows, int64_t T, Batch& out) {
  out.inputs.clear(), out.targets.clear();
  std::vector<uint16_t> row;
  for (int64_t r = 0; r < rows; ++r) {
    row.clear();
    append(at, T, row);
    ArmState ahead = at;
    append(ahead, 1, row);  // the last target is looked at, not consumed: it is the next row's first input
    out.inputs.insert(out.inputs.end(), row.begin(), row.end() - 1);
    out.targets.insert(out.targets.end(), row.begin() + 1, row.end());
  }
  ++at.pulls;
}

}  // namespace andrea
