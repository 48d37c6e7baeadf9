// Any bytes as a tokenizer model. One that is taken loses no byte of any text.
#include "tests/fuzz/fuzz.h"
#include "tests/unit/text/model_file.h"
#include "text/tokenizer.h"

using namespace andrea;

std::vector<std::string> fuzz_seeds() {
  ModelFile unigram(few_pieces()), prefix(few_pieces()), table(few_pieces());
  unigram.model_type = 1, prefix.add_dummy_prefix = true, table.normalisation = std::string(64, 'n');
  return {ModelFile(few_pieces()).bytes(), unigram.bytes(), prefix.bytes(), table.bytes()};
}

void fuzz_one(std::string_view bytes) {
  const Path path = fuzz_folder() / "fuzz.model";
  write_text(path, std::string(bytes));
  const Tokenizer tokenizer(path);
  for (const std::string text :
       {"The river  ran over the old stones.\n", "\xFF\xE2\x96\x81 <s> \xC3\xA9\t the the"})
    must(tokenizer.decode(tokenizer.encode(text)) == text);
}
