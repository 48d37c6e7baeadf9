// Names and places inside a run folder, and its lock. Knows file names; knows no file's content.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "base/files.h"

namespace andrea {

struct RunFolder {
  Path dir;
  Path log() const { return dir / "events.jsonl"; }
  Path config() const { return dir / "config.yaml"; }
  Path lock() const { return dir / "lock"; }
  // step_000100.bin and .json; more digits past 999,999.
  Path weights(int64_t step) const;
  Path record(int64_t step) const;
  // Steps that have a record, in rising order by number. Temporary and foreign files are passed over.
  std::vector<int64_t> steps() const;
  // A folder with an events.jsonl belongs to a run.
  bool occupied() const;
};

// A run's folder, made where it was not there, and locked against a second trainer while this object lives.
// Unless keep() is called, what was made is taken away again: a run that is refused leaves nothing behind.
class ClaimedFolder {
 public:
  explicit ClaimedFolder(const RunFolder& folder);  // usage Error when another trainer is at work there
  ~ClaimedFolder();
  ClaimedFolder(const ClaimedFolder&) = delete;
  ClaimedFolder& operator=(const ClaimedFolder&) = delete;
  bool is_new() const { return !made_.empty(); }
  void keep() { kept_ = true; }

 private:
  void take_away();
  std::vector<Path> made_;  // the innermost first; then the lock lies in it
  Path lock_file_;
  bool lock_is_new_ = false;
  std::unique_ptr<FileLock> lock_;
  bool kept_ = false;
};

}  // namespace andrea
