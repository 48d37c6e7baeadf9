// One value of each kind of option: from a YAML node, as text, and what is allowed in words.
#pragma once
#include <optional>
#include <string>

#include "config/options.h"
#include "config/yaml.h"

namespace andrea {

// Folders that relative paths belong to; absolute.
struct Bases {
  Path file;  // of the config file; in --set the working directory
  Path here;  // the working directory
};

// What a value must be: "a whole number of rows from 1 to 65536". Follows "it must be".
std::string allowed(const Whole& rule);
std::string allowed(const Real& rule);
std::string allowed(const RealOrAuto& rule);
std::string allowed(const Flag& rule);
std::string allowed(const Text& rule);
std::string allowed(const Location& rule);
std::string one_of(const std::vector<std::string>& names);
template <class E>
std::vector<std::string> choice_names() {
  std::vector<std::string> names;
  for (const Choice<E>& choice : Choices<E>::all) names.push_back(choice.name);
  return names;
}

// Takes the node's value into `member`. The answer is empty, or what follows the option's name in a sentence
// about the mistake ("is 0; it must be a whole number from 1 to 9"); `member` is then as it was.
std::string take(const YamlNode& node, const Whole& rule, const Bases& bases, int64_t& member);
std::string take(const YamlNode& node, const Real& rule, const Bases& bases, double& member);
std::string take(const YamlNode& node, const RealOrAuto& rule, const Bases& bases,
                 std::optional<double>& member);
std::string take(const YamlNode& node, const Flag& rule, const Bases& bases, bool& member);
std::string take(const YamlNode& node, const Text& rule, const Bases& bases, std::string& member);
std::string take(const YamlNode& node, const Location& rule, const Bases& bases, Path& member);
std::string take_name(const YamlNode& node, const std::string& allowed, std::string& name);
template <class E>
std::string take(const YamlNode& node, const OneOf&, const Bases&, E& member) {
  std::string name;
  const std::string must = one_of(choice_names<E>());
  if (std::string mistake = take_name(node, must, name); !mistake.empty()) return mistake;
  for (const Choice<E>& choice : Choices<E>::all) {
    if (name != choice.name) continue;
    member = choice.value;
    return "";
  }
  return "is " + name + "; it must be " + must;
}

// As text, without quotes; doubles so that reading them gives the same bits.
std::string show(int64_t value);
std::string show(double value);
std::string show(const std::optional<double>& value);
std::string show(bool value);
std::string show(const std::string& value);
std::string show(const Path& value);
template <class E>
requires std::is_enum_v<E> std::string show(E value) {
  for (const Choice<E>& choice : Choices<E>::all)
    if (choice.value == value) return choice.name;
  return "";
}

// `path` as it is meant, without . and .. and a closing slash.
Path absolute_path(const Path& path, const Path& base);

// Text from outside on its way into a message: one line, printable, not long.
std::string in_words(std::string_view text);

// Empty, or why `name` is no good as a file name.
std::string wrong_file_name(const std::string& name);

}  // namespace andrea
