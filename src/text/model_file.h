// A look into a sentencepiece model file before the library sees it: old versions of it crash on crafted
// files.
#pragma once
#include <string>
#include <string_view>

namespace andrea {

// Error unless `bytes` is a protocol buffer, whole to its last byte, with what a model of ours has and
// nothing that the library would have to interpret beyond it: pieces (valid UTF-8, 1 to 512 bytes, a finite
// score, a known kind), a BPE trainer, no table of normalisation. `where` names the file. What the pieces
// must be: Tokenizer.
void check_model_file(std::string_view bytes, const std::string& where);

}  // namespace andrea
