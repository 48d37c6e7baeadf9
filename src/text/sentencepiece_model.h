// The only door to the sentencepiece library: what a model file says, and the pieces of a text.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace andrea {

class SentencepieceModel {
 public:
  // `where` names the file in messages. Error when the bytes are not a model.
  SentencepieceModel(std::string_view file_bytes, const std::string& where);
  ~SentencepieceModel();

  enum class Kind { unknown, control, byte, unused, text };
  struct Piece {
    std::string text;  // as in the model: U+2581 is a blank
    float score;
    Kind kind;
  };
  const std::vector<Piece>& pieces() const { return pieces_; }
  std::vector<int> encode(
      std::string_view text) const;  // valid UTF-8; safe to call from many threads at once

 private:
  struct Library;
  std::unique_ptr<Library> library_;
  std::vector<Piece> pieces_;
};

}  // namespace andrea
