#include "text/sentencepiece_model.h"

#include <fmt/format.h>
#include <sentencepiece_processor.h>

#include "base/error.h"

namespace andrea {

struct SentencepieceModel::Library {
  sentencepiece::SentencePieceProcessor processor;
};

SentencepieceModel::SentencepieceModel(std::string_view file_bytes, const std::string& where)
    : library_(std::make_unique<Library>()) {
  auto& processor = library_->processor;
  const auto status = processor.LoadFromSerializedProto(file_bytes);
  if (!status.ok()) throw Error(fmt::format("{} is not a whole sentencepiece model", where));
  for (int id = 0; id < processor.GetPieceSize(); ++id) {
    const Kind kind = processor.IsUnknown(id)   ? Kind::unknown
                      : processor.IsControl(id) ? Kind::control
                      : processor.IsByte(id)    ? Kind::byte
                      : processor.IsUnused(id)  ? Kind::unused
                                                : Kind::text;
    pieces_.push_back({processor.IdToPiece(id), processor.GetScore(id), kind});
  }
}

SentencepieceModel::~SentencepieceModel() = default;

std::vector<int> SentencepieceModel::encode(std::string_view text) const {
  return library_->processor.EncodeAsIds(text);
}

}  // namespace andrea
