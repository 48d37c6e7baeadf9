// The sources of text in a config. `arms` is one entry or a list of entries; an entry is
//   PATH                                  one arm, named by the path's last part
//   {path: PATH, name: ..., floor: ...}   one arm; name and domain may be left out
//   {folder: PATH, floor: ...}            an arm for each .txt and .jsonl file of the folder, named by it
//                                         without the ending; several folders in a list: the first that
//                                         exists
#pragma once
#include <functional>
#include <vector>

#include "config/config.h"
#include "config/mistakes.h"
#include "config/value.h"

namespace andrea {

// `place_of_line` names a line of what the node was read from. With nothing_on_disk a folder that is not
// there gives no arm, and nothing is said about missing texts.
std::vector<ArmOptions> read_arms(const YamlNode& arms, const Bases& bases,
                                  const std::function<Place(int)>& place_of_line, Demand demand,
                                  Mistakes& mistakes);

}  // namespace andrea
