#include "config/suggest.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "config/options.h"

namespace andrea {
namespace {

struct Name {
  std::string group, option;  // the option is empty for the group itself
  std::string full() const { return option.empty() ? group : group + "." + option; }
};

struct Collect {
  std::vector<Name> names;
  std::string current = "";
  void group(const char* name, const char*, auto& options) {
    current = name;
    names.push_back({name, ""});
    visit(*this, options);
  }
  void arms(const char* name, const char*, auto&) { names.push_back({name, ""}); }
  void operator()(const char* name, auto&, const auto&, const char*) { names.push_back({current, name}); }
};

// A slip changes a letter or two; what differs more is another word.
bool is_slip(int distance, const std::string& name) {
  return distance <= std::max<int>(1, int(name.size()) / 3);
}

std::string list(const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
  return all;
}

}  // namespace

int edit_distance(std::string_view a, std::string_view b) {
  std::vector<int> before_last, last, row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 1; i <= a.size(); ++i) {
    before_last = std::exchange(last, row);
    row[0] = int(i);
    for (size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row[b.size()];
}

std::string nearest_name(const std::string& name, const std::vector<std::string>& known) {
  std::string nearest;
  int least = 1 << 20;
  for (const std::string& one : known) {
    const int distance = edit_distance(name, one);
    if (distance <= least) nearest = distance < least ? one : "";
    least = std::min(least, distance);
  }
  return is_slip(least, name) ? nearest : "";
}

std::string suggest_option(const std::string& group, const std::string& name) {
  Collect all;
  const Config config;
  visit(all, config);
  const Name* nearest = nullptr;
  int least = 1 << 20;
  std::vector<std::string> same_group, groups;
  for (const Name& known : all.names) {
    if (known.option.empty())
      groups.push_back(known.group);
    else if (known.group == group)
      same_group.push_back(known.option);
    // One's own group is preferred among equals, so distances count double.
    const int distance = 2 * edit_distance(name, known.option.empty() ? known.group : known.option);
    const int there = distance + ((known.option.empty() ? "" : known.group) != group);
    if (there < least && is_slip(distance / 2, name)) nearest = &known, least = there;
  }
  if (nearest) return fmt::format("did you mean {}?", nearest->full());
  if (group.empty()) return fmt::format("the groups are {}", list(groups));
  return fmt::format("{} has {}", group, list(same_group));
}

std::string suggest_arm_key(const std::string& name) {
  Collect all;
  const ArmOptions arm;
  visit(all, arm);
  std::vector<std::string> keys = {"folder"};
  for (const Name& known : all.names) keys.push_back(known.option);
  if (const auto nearest = nearest_name(name, keys); !nearest.empty())
    return fmt::format("did you mean {}?", nearest);
  return fmt::format("an arm has {}", list(keys));
}

}  // namespace andrea
