// A temporary folder that config files are written into, and what a wrong one makes a function say.
#pragma once
#include <string>

#include "base/error.h"
#include "base/files.h"
#include "tests/support/temporary_folder.h"

struct Folder {
  andrea::Path write(const std::string& name, const std::string& text) const {
    andrea::make_folders((path / name).parent_path());
    andrea::write_atomically(path / name, text);
    return path / name;
  }
  std::string str() const { return path.string(); }

  andrea::TemporaryFolder folder;
  andrea::Path path = std::filesystem::canonical(folder.path());
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
