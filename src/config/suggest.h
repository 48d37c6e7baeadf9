// The known name nearest to a wrong one.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace andrea {

// Letters to add, drop, change or swap with a neighbour to get from a to b (optimal string alignment).
int edit_distance(std::string_view a, std::string_view b);

// The known name that `name` is a slip of: a letter or two changed. Empty when it is another word,
// or as near to two of them.
std::string nearest_name(const std::string& name, const std::vector<std::string>& known);

// What follows "unknown option GROUP.NAME" in a sentence: the nearest option, else what the group has.
// An empty group stands for the top level.
std::string suggest_option(const std::string& group, const std::string& name);

// The same for the keys of an arm.
std::string suggest_arm_key(const std::string& name);

}  // namespace andrea
