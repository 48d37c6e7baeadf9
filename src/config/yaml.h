// Strict YAML as a small tree that knows its lines. The only door to yaml-cpp. Not a general reader: no
// anchors, no aliases, no tags, one document, plain keys, at most 1 MiB and 8 levels.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace andrea {

inline constexpr size_t kMaxYamlBytes = size_t{1} << 20;

struct YamlNode {
  enum class Kind { nothing, scalar, list, map, mistaken };  // mistaken: reported already, to be passed over
  Kind kind = Kind::nothing;
  std::string key = {};  // in a mapping
  std::string text = {};
  bool quoted = false;  // also block scalars: a text, never a number
  int line = 0;         // of the key in a mapping, else of the value; the first line is 1
  std::vector<YamlNode> items = {};
};

struct YamlMistake {
  int line;  // 0 = the whole text
  std::string sentence;
};

struct YamlText {
  YamlNode root;
  std::vector<YamlMistake> mistakes;  // a mistake of grammar is the last one; the tree is then empty
};

// Never throws for a wrong text.
YamlText parse_yaml(std::string_view text);

bool is_utf8(std::string_view text);

}  // namespace andrea
