#include <doctest/doctest.h>

#include "config/config.h"

using namespace andrea;

namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("help: --help and OPTIONS.md list every option with its default") {
  const std::string help = options_help(), page = options_markdown();
  size_t options = 0;
  for (const auto& [key, value] : list_options(Config{})) {
    CAPTURE(key);
    CHECK(has(help, "\n  " + key + " "));
    CHECK(has(page, "| `" + key + "` | " + (key == "tokenizer.model" ? "the shipped" : value + " |")));
    ++options;
  }
  CHECK(options > 40);
  for (const char* key : {"name", "domain", "path", "folder", "floor", "cap", "documents"}) {
    CHECK(has(help, std::string("\n  ") + key + " "));
    CHECK(has(page, std::string("| `") + key + "` | "));
  }
}

TEST_CASE("help: configs/OPTIONS.md is what the program says") {
  CHECK(read_file(Path(ANDREA_SOURCE_DIR) / "configs/OPTIONS.md") == options_markdown());
}
