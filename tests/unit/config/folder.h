// A folder of one test's own, removed at its end.
#pragma once
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "base/error.h"
#include "base/files.h"

struct Folder {
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "andrea-config-XXXXXX").string();
    if (!::mkdtemp(name.data())) std::abort();
    path = std::filesystem::canonical(name);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  andrea::Path write(const std::string& name, const std::string& text) const {
    andrea::make_folders((path / name).parent_path());
    andrea::write_atomically(path / name, text);
    return path / name;
  }
  std::string str() const { return path.string(); }

  andrea::Path path;
};

// What the function throws, in one text: the message and, when there is one, the hint.
template <class F>
std::string error_of(F&& f) {
  try {
    f();
  } catch (const andrea::Error& e) {
    return std::string(e.what()) + (e.hint.empty() ? "" : "\nhint: " + e.hint) +
           (e.exit_code == andrea::kExitUsage ? "" : "\nnot a usage error");
  }
  return "";
}
