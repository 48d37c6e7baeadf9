#include <fmt/format.h>

#include "config/config.h"
#include "config/options.h"
#include "config/value.h"

namespace andrea {
namespace {

struct Row {
  std::string key, initial, allowed, meaning;
};
struct Table {
  std::string name, meaning;
  std::vector<Row> rows;
};

template <class E>
std::string allowed_choices() {
  return one_of(choice_names<E>());
}

// All options as tables, one a group.
struct Describe {
  std::vector<Table> tables;
  std::string prefix;
  void group(const char* name, const char* meaning, const auto& options) {
    tables.push_back({name, meaning, {}});
    prefix = std::string(name) + ".";
    visit(*this, options);
  }
  void arms(const char* name, const char* meaning, const auto&) {
    tables.push_back({name, meaning, {}});
    prefix = "";
    const ArmOptions arm;
    visit(*this, arm);
    tables.back().rows.push_back(
        {"folder", "-", "a folder or a list of folders (the first that exists)",
         "instead of path: an arm for each .txt and .jsonl file in it, named by the file"});
  }
  template <class T, class Rule>
  void operator()(const char* name, const T& value, const Rule& rule, const char* meaning) {
    std::string initial = show(value), allowed_here;
    if constexpr (std::is_enum_v<T>)
      allowed_here = allowed_choices<T>();
    else
      allowed_here = allowed(rule);
    if constexpr (std::is_same_v<Rule, Location>)
      initial = initial.empty() ? std::string(rule.fallback) : initial;
    tables.back().rows.push_back(
        {prefix + name, initial.empty() ? std::string("-") : initial, allowed_here, meaning});
  }
};

std::vector<Table> describe() {
  Describe all;
  const Config defaults;
  visit(all, defaults);
  return all.tables;
}

}  // namespace

std::string options_help() {
  std::string text;
  for (const Table& table : describe()) {
    text += fmt::format("{}{}: {}\n", text.empty() ? "" : "\n", table.name, table.meaning);
    for (const Row& row : table.rows)
      text += fmt::format("  {:<28} {:<13} {}; {}\n", row.key, row.initial, row.meaning, row.allowed);
  }
  return text;
}

std::string options_markdown() {
  std::string text = R"(# Options

This page is made from the program's own declaration of its options; do not edit it. A config file is YAML: groups
of options, such as `model:` and below it `d_model: 768`. On the command line the same option is
`--set model.d_model=768`; a value there stands for itself, but for one that opens with `[`, `{` or a quote, which
is read as YAML. Of several the last one counts. What is left out keeps its default.

The reading is strict. An unknown or repeated option, a value of the wrong kind or out of its range, anchors, aliases,
tags and a second document are mistakes, and all mistakes of a file are told at once. Whole numbers are plain digits
(`1000`, not `1e3` or `1_000`), numbers are written like `0.0003` or `3e-4`, and `true` and `false` are the only
switches. A text in quotes is never a number.

Relative paths of `tokenizer.model` and of arms belong to the config file's folder, those given by `--set` to the
working directory; `run.dir` and `text.stores` always belong to the working directory.
)";
  for (const Table& table : describe()) {
    text += fmt::format("\n## {}: {}\n", table.name, table.meaning);
    if (table.name == "arms")
      text += R"(
`arms` is one entry or a list of entries. An entry is a path (`arms: ./my-texts`: one arm, named by the path's last
part), or a mapping with the keys below. The path of an arm is a folder, a `.txt`, a `.jsonl` (field `text`), or a glob
(when nothing of that very name exists and it holds `*`, `?` or `[`). With `folder` instead of `path`, each
`.txt` and `.jsonl` file right in that folder becomes an arm, named by the file without its ending; `floor`, `cap` and
`documents` then hold for each of them.
)";
    text += "\n| option | default | allowed | meaning |\n|---|---|---|---|\n";
    for (const Row& row : table.rows)
      text += fmt::format("| `{}` | {} | {} | {} |\n", row.key, row.initial, row.allowed, row.meaning);
  }
  return text;
}

}  // namespace andrea
