// andrea-prepare as a user runs it.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

using namespace andrea;

namespace {

const std::string kProgram = ANDREA_BIN_DIR "/andrea-prepare";

}  // namespace

TEST_CASE("andrea-prepare makes the stores and prints a table") {
  TemporaryFolder folder;
  std::string text;
  for (int i = 0; i < 300; ++i)
    text += fmt::format("Document {} speaks of the river and of the stones in it.\n\n", i);
  write_text(folder.path() / "river.txt", text + "Document 0 speaks of the river and of the stones in it.\n");
  write_text(
      folder.path() / "config.yaml",
      fmt::format("model: {{context: 32}}\ntokenizer: {{model: {}}}\ntext: {{stores: {}}}\n"
                  "arms:\n  - {{name: river, path: river.txt}}\n",
                  ANDREA_SOURCE_DIR "/tokenizer/andrea-8449.model", (folder.path() / "stores").string()));
  const std::vector<std::string> command = {kProgram, "--config", (folder.path() / "config.yaml").string()};
  const Finished made = run_command(command, folder.path());
  CHECK(made.code == 0);
  CHECK(made.err == "");
  CHECK(made.out.starts_with("arm    documents  duplicates  held out"));
  CHECK(made.out.find("\nriver        300           1 ") != std::string::npos);
  const Finished opened = run_command(command, folder.path());
  CHECK(opened.code == 0);
  CHECK(opened.out == made.out);

  auto wrong = command;
  wrong.insert(wrong.end(), {"--set", "model.vocab_size=300"});
  const Finished refused = run_command(wrong, folder.path());
  CHECK(refused.code == 2);
  CHECK(refused.out == "");
  CHECK(refused.err.find("model.vocab_size is 300, but the tokenizer ") != std::string::npos);

  wrong = command;
  wrong.insert(wrong.end(), {"--set", "model.context=100000"});
  const Finished too_short = run_command(wrong, folder.path());
  CHECK(too_short.code == 1);
  CHECK(too_short.err.find("one context needs 100001") != std::string::npos);
}

TEST_CASE("andrea-prepare: help, version, usage") {
  TemporaryFolder folder;
  const Finished help = run_command({kProgram, "--help"}, folder.path());
  CHECK(help.code == 0);
  CHECK(help.out.find("--set") != std::string::npos);
  const Finished version = run_command({kProgram, "--version"}, folder.path());
  CHECK(version.code == 0);
  CHECK(version.out == "andrea-prepare " ANDREA_VERSION "\n");
  CHECK(run_command({kProgram}, folder.path()).code == 2);
  CHECK(run_command({kProgram, "--config", "no-such-config"}, folder.path()).code == 2);
  CHECK(run_command({kProgram, "--sets"}, folder.path()).code == 2);
}
