#include <fmt/format.h>
#include <glob.h>

#include <algorithm>
#include <system_error>

#include "base/error.h"
#include "text/documents.h"

namespace andrea {
namespace {

namespace fs = std::filesystem;

constexpr const char* kHint =
    "an arm's path is a folder, a glob, a .txt, or a .jsonl with a field `text` in each line";

// Adds the file when its ending is one of ours and it is a regular file, or a link to one.
void add_file(Source& source, const Path& path, const std::string& name, const ArmOptions& arm, bool single) {
  std::error_code error;
  const bool txt = path.extension() == ".txt", jsonl = path.extension() == ".jsonl";
  if ((!txt && !jsonl) || !fs::is_regular_file(path, error)) {
    ++source.ignored_files;
    return;
  }
  const bool automatic = arm.documents == Documents::automatic;
  const Split split = jsonl                                                             ? Split::json_lines
                      : arm.documents == Documents::form_feed                           ? Split::form_feed
                      : arm.documents == Documents::blank_line || (automatic && single) ? Split::blank_line
                                                                                        : Split::file;
  const uint64_t bytes = fs::file_size(path, error);
  source.files.push_back({path, name, split, txt && automatic, error ? 0 : bytes, {}});
  source.bytes += source.files.back().bytes;
}

bool is_real_folder(const fs::directory_entry& entry) {
  std::error_code error;
  return fs::is_directory(entry.symlink_status(error));
}

// Links to folders are not followed, so there are no loops.
void add_folder(Source& source, const Path& folder, const std::string& name, const ArmOptions& arm) {
  std::error_code error;
  fs::directory_iterator entries(folder, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    const std::string base = entries->path().filename().string();
    if (base.starts_with('.')) continue;
    if (is_real_folder(*entries))
      add_folder(source, entries->path(), name + base + '/', arm);
    else
      add_file(source, entries->path(), name + base, arm, false);
  }
  if (error)
    throw Error(
        fmt::format("arm '{}': cannot read the folder {}: {}", arm.name, folder.string(), error.message()));
}

void add_glob(Source& source, const ArmOptions& arm) {
  glob_t found{};
  const int result = ::glob(arm.path.c_str(), GLOB_NOSORT | GLOB_ERR, nullptr, &found);
  try {
    for (size_t i = 0; i < found.gl_pathc; ++i)
      add_file(source, found.gl_pathv[i], found.gl_pathv[i], arm, false);
  } catch (...) {
    ::globfree(&found);
    throw;
  }
  ::globfree(&found);
  if (result == GLOB_NOMATCH)
    throw usage_error(fmt::format("arm '{}': nothing matches {}", arm.name, arm.path.string()), kHint);
  if (result != 0)
    throw Error(fmt::format("arm '{}': cannot read every folder of {}", arm.name, arm.path.string()));
}

}  // namespace

Source find_files(const ArmOptions& arm) {
  Source source;
  std::error_code error;
  const fs::file_status status = fs::status(arm.path, error);
  const std::string path = arm.path.string();
  if (fs::is_directory(status)) {
    add_folder(source, arm.path, "", arm);
    if (source.files.empty())
      throw usage_error(
          fmt::format("arm '{}': the folder {} holds no .txt or .jsonl file ({} other files are there)",
                      arm.name, path, source.ignored_files),
          kHint);
  } else if (fs::exists(status)) {
    add_file(source, arm.path, path, arm, true);
    if (source.files.empty())
      throw usage_error(fmt::format("arm '{}': {} is no folder and no .txt or .jsonl file", arm.name, path),
                        kHint);
  } else if (path.find_first_of("*?[") != std::string::npos) {
    add_glob(source, arm);
    if (source.files.empty())
      throw usage_error(fmt::format("arm '{}': {} matches no .txt or .jsonl file", arm.name, path), kHint);
  } else {
    throw usage_error(fmt::format("arm '{}': {} does not exist", arm.name, path), kHint);
  }
  std::sort(source.files.begin(), source.files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.name < b.name; });
  return source;
}

}  // namespace andrea
