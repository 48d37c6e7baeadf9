// A checkpoint is two files: step_NNNNNN.bin, the weights and moments in the layout of the original ANDREA,
// and step_NNNNNN.json, everything else. It exists when its .json does and agrees with its .bin; the .json is
// written last. The formats are described in checkpoints/FORMAT.md.
//
// Loading distrusts: sizes, checksums and the header are compared before a number is used.
#pragma once
#include <map>
#include <string>

#include "model/params.h"
#include "record/run_folder.h"
#include "train/state.h"

namespace andrea {

inline constexpr int64_t kCheckpointFormat = 2;  // 1 had no log_checksum and no gate

struct CheckpointRecord {
  int64_t format = kCheckpointFormat;
  std::string version;  // of the program
  std::string file;     // the .bin's name
  int64_t bytes = 0;
  std::string checksum;  // XXH3-128 of the .bin
  int64_t parameters = 0;
  int64_t log_offset = 0;    // bytes of events.jsonl that belong to this checkpoint
  std::string log_checksum;  // XXH3-128 of those bytes
  std::string tokenizer;     // fingerprint
  std::string config;        // the resolved config, as YAML
  TrainState state;
  bool operator==(const CheckpointRecord&) const = default;
};
template <class V>
void visit(V& v, CheckpointRecord& record) {
  auto& [format, version, file, bytes, checksum, parameters, log_offset, log_checksum, tokenizer, config,
         state] = record;
  v("format", format), v("version", version), v("file", file), v("bytes", bytes);
  v("checksum", checksum), v("parameters", parameters), v("log_offset", log_offset);
  v.later("log_checksum", log_checksum);
  v("tokenizer", tokenizer), v("config", config), v("state", state);
}

uint64_t weights_bytes(const ModelShape& shape);  // of the .bin: 8 + 12 n

// Of the .bin that write_weights() would make.
Hash128 weights_checksum(int64_t step, const Tensors& weights, const Tensors& m, const Tensors& v);

// Checks the free space first; an Error leaves no half-file and touches no older checkpoint.
Written write_weights(const RunFolder& folder, int64_t step, const Tensors& weights, const Tensors& m,
                      const Tensors& v);
void write_record(const RunFolder& folder, const CheckpointRecord& record);

// Error when the record is missing, damaged, or of a newer format. A step that is not in the name's is damage
// too.
CheckpointRecord read_record(const RunFolder& folder, int64_t step);

// Error when the .bin is missing or differs from what the record says; then the tensors may hold anything.
void read_weights(const RunFolder& folder, const CheckpointRecord& record, Tensors& weights, Tensors& m,
                  Tensors& v);

// Old weights alone, for a new run: any .bin of this shape. One of the original ANDREA, short by exactly the
// norm gains, loads with gains 1.
void read_old_weights(const Path& bin, Tensors& weights);

}  // namespace andrea
