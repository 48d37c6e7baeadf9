// events.jsonl: the run's one source of truth. One JSON object a line, appended, handed to the system at
// once.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/files.h"
#include "record/event.h"

namespace andrea {

class RunLog {
 public:
  explicit RunLog(const Path& file);                       // opened for appending; made when absent
  void append(const Event& event);                         // an Error leaves no half line behind
  void sync();                                             // on the disk when this returns
  uint64_t offset() const;                                 // bytes in the file
  Hash128 checksum() const { return checksum_.digest(); }  // of all of them

 private:
  std::unique_ptr<FileWriter> file_;
  uint64_t start_ = 0;
  Checksum checksum_;
};

// The end of a part of the log that belongs to a checkpoint. An empty checksum is not known.
struct LogEnd {
  uint64_t offset = 0;
  std::string checksum = {};  // XXH3-128 of the bytes before
};

// Error when the log is shorter than that, or its bytes up to there are others: it was changed by hand.
void check_cut(const Path& log, const LogEnd& end);

// Cuts the log back to that end; what is cut goes to a new file beside it (events.jsonl.cut-1, -2, ...),
// first written, then cut. Returns that file, or an empty path when there was nothing to cut. Error as
// check_cut.
Path cut_log(const Path& log, const LogEnd& end);

// The event of the last line; none when that is torn, damaged or of a later version, or there is no line.
std::optional<Event> last_event(const Path& log);
// The event of the first line, likewise.
std::optional<Event> first_event(const Path& log);

// Each event of the log in turn; damaged lines and those of later versions are passed over.
void each_event(const Path& log, const std::function<void(const Event&)>& see);

// All events but those of kinds that later versions have. A torn last line (no newline) is left out;
// any other damage is an Error with file and line.
std::vector<Event> read_log(const Path& log);

}  // namespace andrea
