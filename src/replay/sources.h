// Finds out what a path holds and feeds it to a replay.
#pragma once
#include <string>
#include <vector>

#include "base/files.h"
#include "replay/columns.h"
#include "replay/replay.h"

namespace andrea {

// Replays each path in turn: a run folder, an events.jsonl, a pair of <name>.loss.json and
// <name>.samples.json (either names both; packed ones too), or a log of another trainer. `with_bar` shows how
// far it is on a terminal. Where a path holds nothing that can be replayed the sentence says what it seems to
// be: an Error when there is no other path, else one more of `unread` and the others are replayed. A request
// that makes no sense is an Error at once.
struct Replayed {
  std::vector<SourceReport> reports;
  std::vector<std::string> unread;
};
Replayed replay_each(const std::vector<std::string>& paths, const Columns& columns,
                     const ReplayRequest& request, bool with_bar);
// The same, for those who want all or nothing.
std::vector<SourceReport> replay_all(const std::vector<std::string>& paths, const Columns& columns,
                                     const ReplayRequest& request, bool with_bar);

}  // namespace andrea
