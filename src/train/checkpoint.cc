#include "train/checkpoint.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <bit>
#include <cstring>

#include "base/error.h"
#include "base/fields.h"
#include "base/json.h"
#include "kernels/kernels.h"

namespace andrea {
namespace {

static_assert(std::endian::native == std::endian::little,
              "the .bin is little-endian and written as it lies in memory");

struct BinHeader {
  int32_t step, parameters;
};

// The record carries the checksum of itself: of the file's text without that one field.
constexpr const char* kRecordChecksum = "record_checksum";

size_t float_bytes(CVec v) { return size_t(v.size) * sizeof(float); }

BinHeader header_of(FileReader& file, const Path& path) {
  BinHeader header{};
  if (file.size() < sizeof header)
    throw Error(fmt::format("{} has {} bytes, too few for a checkpoint", path.string(), file.size()));
  file.read(&header, sizeof header);
  return header;
}

}  // namespace

uint64_t weights_bytes(const ModelShape& shape) {
  return sizeof(BinHeader) + 12 * uint64_t(parameter_count(shape));
}

Hash128 weights_checksum(int64_t step, const Tensors& weights, const Tensors& m, const Tensors& v) {
  const BinHeader header{int32_t(step), int32_t(parameter_count(weights.shape))};
  Checksum checksum;
  checksum.update(&header, sizeof header);
  for (const Tensors* t : {&weights, &m, &v}) checksum.update(t->flat().data, float_bytes(t->flat()));
  return checksum.digest();
}

Written write_weights(const RunFolder& folder, int64_t step, const Tensors& weights, const Tensors& m,
                      const Tensors& v) {
  constexpr uint64_t kSpare = 1 << 20;  // for the record and the log
  const uint64_t need = weights_bytes(weights.shape) + kSpare, have = free_space(folder.dir);
  if (have < need)
    throw Error(fmt::format("no space to save step {}: {} needs {}, {} is free", step, folder.dir.string(),
                            spoken_bytes(need), spoken_bytes(have)),
                "free some space (a smaller checkpoint.keep, and *.cut-* that nobody needs), then go on with "
                "--resume; "
                "older checkpoints are untouched");
  return write_atomically(folder.weights(step), [&](FileWriter& file) {
    const BinHeader header{int32_t(step), int32_t(parameter_count(weights.shape))};
    file.write(&header, sizeof header);
    for (const Tensors* t : {&weights, &m, &v}) file.write(t->flat().data, float_bytes(t->flat()));
  });
}

void write_record(const RunFolder& folder, const CheckpointRecord& record) {
  Json json = to_json(record);
  const std::string checksum = hash128(to_pretty(json)).hex();
  json[kRecordChecksum] = checksum;
  write_atomically(folder.record(record.state.step), to_pretty(json));
}

CheckpointRecord read_record(const RunFolder& folder, int64_t step) {
  const Path path = folder.record(step);
  const std::string text = read_file(path, 64 << 20);
  Json json = parse_json(text, path.string());
  const auto damaged = [&](const char* why) {
    return Error(fmt::format("{} is damaged: {}", path.string(), why));
  };
  if (!json.is_object() || !json.contains(kRecordChecksum)) throw damaged("its checksum is missing");
  if (to_pretty(json) != text) throw damaged("its text is not as it was written");
  const Json checksum = json[kRecordChecksum];
  json.erase(kRecordChecksum);
  if (checksum != hash128(to_pretty(json)).hex()) throw damaged("its checksum does not match");
  const auto format = json.find("format");
  if (format == json.end() || !format->is_number_integer()) throw damaged("its format number is missing");
  if (*format > kCheckpointFormat)
    throw Error(fmt::format("{} has format {}; this program reads formats up to {}", path.string(),
                            format->get<int64_t>(), kCheckpointFormat),
                "use the program that wrote it, or a newer one");
  auto record = from_json<CheckpointRecord>(json, path.string());
  if (record.state.step != step) throw damaged("it belongs to another step");
  return record;
}

void read_weights(const RunFolder& folder, const CheckpointRecord& record, Tensors& weights, Tensors& m,
                  Tensors& v) {
  const Path path = folder.weights(record.state.step);
  const auto damaged = [&](const std::string& why) {
    return Error(fmt::format("{} is damaged: {}", path.string(), why));
  };
  FileReader file(path);
  if (int64_t(file.size()) != record.bytes)
    throw damaged(fmt::format("it has {} bytes, its record says {}", file.size(), record.bytes));
  if (record.parameters != parameter_count(weights.shape) || file.size() != weights_bytes(weights.shape))
    throw Error(fmt::format("{} holds {} parameters; this model has {}", path.string(), record.parameters,
                            parameter_count(weights.shape)));
  const BinHeader header = header_of(file, path);
  for (Tensors* t : {&weights, &m, &v}) file.read(t->flat().data, float_bytes(t->flat()));
  if (file.checksum().hex() != record.checksum) throw damaged("its checksum does not match");
  if (header.step != int32_t(record.state.step) || header.parameters != record.parameters)
    throw damaged("its header and its record differ");
  for (const Tensors* t : {&weights, &m, &v})
    if (!all_finite(t->flat())) throw damaged("it holds numbers that are not finite");
}

void read_old_weights(const Path& bin, Tensors& weights) {
  std::error_code ignored;
  if (!std::filesystem::exists(bin, ignored)) throw Error(fmt::format("there is no {}", bin.string()));
  FileReader file(bin);
  const int64_t stored = header_of(file, bin).parameters;
  int64_t gains = 0;
  const std::vector<TensorSpec> table = tensor_table(weights.shape);
  for (const TensorSpec& t : table) gains += t.decay ? 0 : t.size();
  const int64_t all = parameter_count(weights.shape);
  if (stored != all && stored != all - gains)
    throw Error(fmt::format("{} holds {} parameters; this model has {} ({} without the norm gains)",
                            bin.string(), stored, all, all - gains),
                "give the config of the model that wrote it");
  if (file.size() != sizeof(BinHeader) + 12 * uint64_t(stored))
    throw Error(fmt::format("{} has {} bytes; a checkpoint of {} parameters has {}", bin.string(),
                            file.size(), stored, sizeof(BinHeader) + 12 * uint64_t(stored)));
  for (const TensorSpec& t : table) {
    float* to = weights.flat().data + t.offset;
    if (!t.decay && stored != all) {
      std::fill_n(to, t.size(), 1.0f);
      continue;
    }
    file.read(to, size_t(t.size()) * sizeof(float));
  }
  if (!all_finite(weights.flat()))
    throw Error(fmt::format("{} holds weights that are not finite", bin.string()));
}

}  // namespace andrea
