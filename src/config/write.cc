#include <fmt/format.h>

#include "config/config.h"
#include "config/options.h"
#include "config/value.h"

namespace andrea {
namespace {

// A YAML text in double quotes. What is above 0x7F stays as it is: it is UTF-8 (value.cc sees to it).
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      out += '\\', out += c;
    else if (c == '\n')
      out += "\\n";
    else if (c == '\t')
      out += "\\t";
    else if (uint8_t(c) < 0x20 || c == 0x7F)
      out += fmt::format("\\x{:02X}", uint8_t(c));
    else
      out += c;
  }
  return out + '"';
}

std::string yaml_value(int64_t value) { return show(value); }
std::string yaml_value(double value) { return show(value); }
std::string yaml_value(const std::optional<double>& value) { return show(value); }
std::string yaml_value(bool value) { return show(value); }
std::string yaml_value(const auto& value) {
  return quoted(show(value));
}  // also choices: others read off as false

struct Dump {
  std::string yaml;
  std::string indent = "  ";
  void group(const char* name, const char*, auto& options) {
    yaml += fmt::format("{}:\n", name);
    visit(*this, options);
  }
  void arms(const char* name, const char*, auto& all) {
    yaml += fmt::format("{}:{}\n", name, all.empty() ? " []" : "");
    for (const ArmOptions& arm : all) {
      indent = "  - ";
      visit(*this, arm);
    }
  }
  void operator()(const char* name, const auto& value, const auto&, const char*) {
    yaml += fmt::format("{}{}: {}\n", indent, name, yaml_value(value));
    if (indent == "  - ") indent = "    ";
  }
};

struct List {
  std::vector<OptionValue> values;
  std::string prefix;
  void group(const char* name, const char*, auto& options) {
    prefix = std::string(name) + ".";
    visit(*this, options);
  }
  void arms(const char* name, const char*, auto& all) {
    for (const ArmOptions& arm : all) {
      prefix = fmt::format("{}.{}.", name, arm.name);
      visit(*this, arm);
    }
  }
  void operator()(const char* name, const auto& value, const auto&, const char*) {
    values.push_back({prefix + name, show(value)});
  }
};

// The value at `key`, or null.
const std::string* value_of(const std::vector<OptionValue>& values, const std::string& key) {
  for (const OptionValue& one : values)
    if (one.key == key) return &one.value;
  return nullptr;
}

const ArmOptions* arm_named(const Config& config, const std::string& name) {
  for (const ArmOptions& arm : config.arms)
    if (arm.name == name) return &arm;
  return nullptr;
}

// Names of the arms of `a` that `b` has too, in the order of `a`.
std::string common_arms(const Config& a, const Config& b) {
  std::string names;
  for (const ArmOptions& arm : a.arms)
    if (arm_named(b, arm.name)) names += (names.empty() ? "" : ", ") + arm.name;
  return names;
}

}  // namespace

std::string dump_config(const Config& config) {
  Dump dump;
  visit(dump, config);
  return dump.yaml;
}

std::vector<OptionValue> list_options(const Config& config) {
  List list;
  visit(list, config);
  return list.values;
}

std::vector<OptionChange> changes(const Config& from, const Config& to) {
  std::vector<OptionChange> found;
  const std::vector<OptionValue> before = list_options(from);
  for (const OptionValue& now : list_options(to)) {
    const std::string* old = value_of(before, now.key);
    if (old && *old != now.value) found.push_back({now.key, *old, now.value});
  }
  for (const ArmOptions& arm : from.arms)
    if (!arm_named(to, arm.name)) found.push_back({"arms." + arm.name, arm.path, "none"});
  for (const ArmOptions& arm : to.arms)
    if (!arm_named(from, arm.name)) found.push_back({"arms." + arm.name, "none", arm.path});
  const std::string order_before = common_arms(from, to), order_now = common_arms(to, from);
  if (order_before != order_now) found.push_back({"arms", order_before, order_now});
  return found;
}

}  // namespace andrea
