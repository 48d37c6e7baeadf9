// Any bytes as the text of an arm, .jsonl and .txt split in each way, and as a text for the tokenizer: every
// document comes back from its tokens byte for byte.
#include "tests/fuzz/fuzz.h"
#include "text/documents.h"
#include "text/fingerprint.h"
#include "text/tokenizer.h"

using namespace andrea;

namespace {

const Tokenizer& tokenizer() {
  static const Tokenizer t(ANDREA_SOURCE_DIR "/tokenizer/andrea-8449.model");
  return t;
}

void read_all(const char* name, std::string_view bytes, Documents split) {
  const Path path = fuzz_folder() / name;
  write_text(path, std::string(bytes));
  Source source = find_files({.name = "a", .domain = "a", .path = path, .documents = split});
  text_fingerprint(source, {});
  DocumentReader reader(source, 4096);
  std::string document;
  while (reader.next(document)) {
    must(!document.empty());
    must(tokenizer().decode(tokenizer().encode(document)) == document);
  }
  must(reader.bytes_read() == bytes.size());
}

}  // namespace

std::vector<std::string> fuzz_seeds() {
  return {"{\"text\": \"The river\\nran \\u00e9 \\ud83d\\ude00\"}\n{\"id\": 1, \"text\": \"stones\"}\n",
          "one\n\ntwo\r\n\r\n\fthree <s> \xE2\x96\x81 <0x41>\n",
          "  blanks\t\tand \x01 \xFF\xFE bytes \xF0\x9F\x98\x80\n", std::string(5000, 'x')};
}

void fuzz_one(std::string_view bytes) {
  must(tokenizer().decode(tokenizer().encode(bytes)) == bytes);
  for (const Documents split :
       {Documents::automatic, Documents::blank_line, Documents::form_feed, Documents::file}) {
    try {
      read_all("arm.txt", bytes, split);
    } catch (const Error&) {
    }
  }
  read_all("arm.jsonl", bytes, Documents::automatic);
}
