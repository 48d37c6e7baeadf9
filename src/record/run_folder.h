// Names and places inside a run folder, and its lock. Knows file names; knows no file's content.
#pragma once
#include <cstdint>
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

}  // namespace andrea
