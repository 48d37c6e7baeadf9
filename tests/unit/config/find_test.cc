#include <doctest/doctest.h>

#include "config/config.h"
#include "folder.h"

using namespace andrea;

TEST_CASE("find: a file as given comes first, then a shipped config by its name") {
  const Folder here;
  const Path mine = here.write("v2.yaml", "x");
  CHECK(find_config(mine.string()) == mine);
  const Path shipped = Path(ANDREA_SOURCE_DIR) / "configs/v2.yaml";
  CHECK(find_config("v2.yaml") == shipped);
  CHECK(find_config("v2") == shipped);
  CHECK(std::filesystem::exists(find_config("quickstart")));
}

TEST_CASE("find: what is not found is told with where it was looked for and what there is") {
  const std::string nope = error_of([] { find_config("nope.yaml"); });
  CHECK(nope.starts_with("there is no config nope.yaml (looked for nope.yaml, "));
  CHECK(nope.find((Path(ANDREA_SOURCE_DIR) / "configs").string()) != std::string::npos);
  CHECK(nope.find("\nhint: shipped configs: andrea-12m.yaml, quickstart.yaml, v1.yaml, v2.yaml") !=
        std::string::npos);
  // A name with a folder is meant as it stands.
  CHECK(error_of([] {
          find_config("nowhere/v2.yaml");
        }).starts_with("there is no config nowhere/v2.yaml (looked for nowhere/v2.yaml)"));
  CHECK(error_of([] { find_config(""); }) == "the config's name is empty");
}
