// What kind of log a file is, from its first bytes.
#pragma once
#include <functional>
#include <string>

#include "base/files.h"
#include "replay/columns.h"
#include "replay/observation.h"
#include "replay/records.h"

namespace andrea {

struct LogFormat {
  std::string name;  // for people: "nanoGPT", "<name>.loss.json"
  RecordKind kind = RecordKind::line;
  std::string key;  // of the array, for elements (records.h)
  RecordReader read;
  // What stands behind the array, for formats that say something there.
  std::function<void(std::string_view rest, std::vector<Observation>& out)> read_rest = {};
};

// Error when it is none that is known: empty, binary, or without a loss or a text. `columns` as asked for
// with --columns.
LogFormat detect_format(const Path& file, const Columns& columns);

}  // namespace andrea
