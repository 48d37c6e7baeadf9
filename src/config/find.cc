#include <fmt/format.h>

#include <set>

#include "base/error.h"
#include "config/config.h"
#include "config/suggest.h"

namespace andrea {

namespace fs = std::filesystem;

std::vector<Path> shipped_config_folders() {
  std::error_code error;
  std::vector<Path> candidates;
  if (const Path folder = program_folder(); !folder.empty())
    candidates.push_back(folder.parent_path() / "share/andrea-train/configs");
  candidates.push_back(ANDREA_SOURCE_CONFIGS);
  candidates.push_back(ANDREA_INSTALLED_CONFIGS);
  std::vector<Path> folders;
  for (const Path& folder : candidates)
    if (fs::is_directory(folder, error)) folders.push_back(folder);
  return folders;
}

Path find_config(const std::string& name) {
  std::error_code ignored;
  if (name.empty()) throw usage_error("the config's name is empty");
  if (fs::exists(name, ignored)) return name;
  std::string looked = name;
  std::set<std::string> shipped;
  for (const Path& folder : shipped_config_folders()) {
    for (fs::directory_iterator at(folder, ignored), end; !ignored && at != end; at.increment(ignored))
      if (at->path().extension() == ".yaml") shipped.insert(at->path().filename());
    if (Path(name).has_parent_path()) continue;
    for (const char* ending : {"", ".yaml"})
      if (const Path file = folder / (name + ending); fs::is_regular_file(file, ignored)) return file;
    looked += ", " + folder.native();
  }
  std::string names;
  std::vector<std::string> known;
  for (const std::string& one : shipped) {
    names += (names.empty() ? "" : ", ") + one;
    known.push_back(Path(one).stem());
  }
  const std::string nearest = nearest_name(Path(name).stem(), known);
  throw usage_error(fmt::format("there is no config {} (looked for {})", name, looked),
                    (nearest.empty() ? "" : fmt::format("did you mean {}? ", nearest)) +
                        (names.empty() ? "" : "shipped configs: " + names));
}

}  // namespace andrea
