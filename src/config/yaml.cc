#include "config/yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "base/error.h"

namespace andrea {
namespace {

using Kind = YamlNode::Kind;
constexpr size_t kMaxDepth = 8;

// Ends the parsing from inside an event; the mistake is noted already.
struct Stop {};

// Where the first byte stands that does not belong to valid UTF-8; npos when there is none.
size_t first_bad_utf8(std::string_view s) {
  for (size_t i = 0; i < s.size();) {
    const auto byte = [&](size_t k) { return i + k < s.size() ? uint8_t(s[i + k]) : uint8_t{0}; };
    const uint8_t b = byte(0);
    const size_t length = b < 0x80                ? 1
                          : b >= 0xC2 && b < 0xE0 ? 2
                          : b >= 0xE0 && b < 0xF0 ? 3
                          : b >= 0xF0 && b < 0xF5 ? 4
                                                  : 0;
    if (length == 0) return i;
    for (size_t k = 1; k < length; ++k)
      if ((byte(k) & 0xC0) != 0x80) return i;
    // Overlong forms, surrogates and what lies above U+10FFFF show in the second byte.
    if ((b == 0xE0 && byte(1) < 0xA0) || (b == 0xED && byte(1) > 0x9F) || (b == 0xF0 && byte(1) < 0x90) ||
        (b == 0xF4 && byte(1) > 0x8F))
      return i;
    i += length;
  }
  return std::string_view::npos;
}

int line_of(std::string_view text, size_t at) {
  return 1 + int(std::count(text.begin(), text.begin() + std::ptrdiff_t(at), '\n'));
}

class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(const std::string& source, YamlText& out) : source_(source), out_(out) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) stop(mark, "a second document begins; a config is one document, without ---");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse(mark, "", anchor);
    // The mark is that of what comes next, which may be lines below.
    const size_t end = std::min(size_t(std::max(mark.pos, 0)), source_.size());
    const size_t last = end == 0 ? std::string::npos : source_.find_last_not_of(" \t\n", end - 1);
    add(YamlNode{.kind = Kind::nothing, .line = line_of(source_, last == std::string::npos ? 0 : last)});
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    note(mark, "aliases (*) are not supported; write the value out");
    add(YamlNode{.kind = Kind::mistaken, .line = mark.line + 1});
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse(mark, tag, anchor);
    check_quote_ends(mark);
    add(YamlNode{.kind = Kind::scalar, .text = value, .quoted = tag == "!", .line = mark.line + 1});
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Kind::list, mark, tag, anchor);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Kind::map, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    YamlNode node;
    bool has_key = false;
    YamlNode key = {};
    std::map<std::string, int> first_lines = {};  // of the keys so far
  };

  void note(const YAML::Mark& mark, std::string sentence) {
    out_.mistakes.push_back({mark.line + 1, std::move(sentence)});
  }
  [[noreturn]] void stop(const YAML::Mark& mark, std::string sentence) {
    note(mark, std::move(sentence));
    throw Stop{};
  }

  // yaml-cpp gives the tag "?" to what has none and "!" to quoted texts.
  void refuse(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (anchor != 0) note(mark, "anchors (&) are not supported; write the value out where it is needed");
    if (!tag.empty() && tag != "?" && tag != "!")
      note(mark, "tags (!) are not supported; write the value alone");
  }

  // yaml-cpp takes the end of the file for a missing closing quote.
  void check_quote_ends(const YAML::Mark& mark) {
    if (mark.pos < 0 || size_t(mark.pos) >= source_.size()) return;
    const char quote = source_[size_t(mark.pos)];
    if (quote != '"' && quote != '\'') return;
    for (size_t i = size_t(mark.pos) + 1; i < source_.size(); ++i) {
      const bool doubled = i + 1 < source_.size() && source_[i + 1] == quote;
      if (source_[i] == quote && !(quote == '\'' && doubled)) return;
      if (source_[i] == (quote == '"' ? '\\' : quote)) ++i;  // an escape: the next one does not count
    }
    stop(mark, fmt::format("a {} opens a text that is never closed", quote));
  }

  void open(Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    refuse(mark, tag, anchor);
    if (open_.size() == kMaxDepth) stop(mark, fmt::format("nested more than {} levels deep", kMaxDepth));
    open_.push_back({.node = {.kind = kind, .line = mark.line + 1}});
  }
  void close() {
    YamlNode node = std::move(open_.back().node);
    open_.pop_back();
    add(std::move(node));
  }

  void add(YamlNode node) {
    if (open_.empty()) {
      out_.root = std::move(node);
      return;
    }
    Open& in = open_.back();
    if (in.node.kind == Kind::list) return in.node.items.push_back(std::move(node));
    if (!in.has_key) {
      if (node.kind == Kind::nothing || node.kind == Kind::list || node.kind == Kind::map)
        out_.mistakes.push_back({node.line, "a key must be a plain word"}), node.kind = Kind::mistaken;
      in.key = std::move(node);
      in.has_key = true;
      return;
    }
    in.has_key = false;
    if (in.key.kind == Kind::mistaken) return;
    const auto [first, is_new] = in.first_lines.emplace(in.key.text, in.key.line);
    if (!is_new) {
      out_.mistakes.push_back({in.key.line, fmt::format("{} is given twice; the first is in line {}",
                                                        full_name(in.key.text), first->second)});
      return;
    }
    node.key = std::move(in.key.text);
    node.line = in.key.line;
    in.node.items.push_back(std::move(node));
  }

  std::string full_name(const std::string& key) const {
    std::string name;
    for (size_t i = 0; i + 1 < open_.size(); ++i)
      if (open_[i].has_key) name += open_[i].key.text + ".";
    return name + key;
  }

  const std::string& source_;
  YamlText& out_;
  std::vector<Open> open_;
  int documents_ = 0;
};

// yaml-cpp's words for the commonest slips say what its scanner met, not what to put right.
std::string plain_words(const std::string& message) {
  namespace msg = YAML::ErrorMsg;
  static const std::map<std::string, const char*> words = {
      {msg::MAP_VALUE,
       "a ':' where no value can begin; check the indentation, and put texts that hold ': ' in quotes"},
      {msg::TAB_IN_INDENTATION, "a tab in the indentation; use blanks"},
      {msg::END_OF_SEQ_FLOW, "a '[' has no ']'"},
      {msg::END_OF_MAP_FLOW, "a '{' has no '}'"},
      {msg::FLOW_END, "a ']' or '}' closes nothing"},
      {msg::UNKNOWN_TOKEN, "a character that no value can begin with; put the text in quotes"},
      {msg::END_OF_MAP, "a line that is no 'key: value' among lines that are; check the indentation"},
      {msg::END_OF_SEQ, "a line that does not begin with '-' among lines that do; check the indentation"},
      {msg::BLOCK_ENTRY, "a '-' where no list can begin; put a list below its key"}};
  const auto found = words.find(message);
  return "this is not valid YAML: " + (found == words.end() ? message : found->second);
}

// Is there a tab among the blanks that line `line` (from 0) begins with?
bool tab_indents(const std::string& source, int line) {
  size_t begin = 0;
  for (; line > 0; --line) begin = source.find('\n', begin) + 1;
  const size_t end = source.find_first_not_of(" \t", begin);
  return std::string_view(source).substr(begin, end == std::string::npos ? end : end - begin).find('\t') !=
         std::string_view::npos;
}

// The text as yaml-cpp is to see it: plain UTF-8, lines ended by \n. False when it is no text; the reason is
// noted.
bool normalise(std::string_view text, std::string& source, std::vector<YamlMistake>& mistakes) {
  const auto refuse = [&](int line, std::string sentence) {
    mistakes.push_back({line, std::move(sentence)});
    return false;
  };
  if (text.size() > kMaxYamlBytes)
    return refuse(0, fmt::format("{} bytes long; a config has at most {}", text.size(), kMaxYamlBytes));
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (const size_t bad = first_bad_utf8(text); bad != std::string_view::npos)
    return refuse(line_of(text, bad),
                  fmt::format("this is not UTF-8 text (byte 0x{:02X})", uint8_t(text[bad])));
  source.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    if (uint8_t(text[i]) < 0x20 && text[i] != '\n' && text[i] != '\t')
      return refuse(line_of(text, i),
                    fmt::format("this is not text (control byte 0x{:02X})", uint8_t(text[i])));
    source += text[i];
  }
  return true;
}

}  // namespace

bool is_utf8(std::string_view text) { return first_bad_utf8(text) == std::string_view::npos; }

YamlText parse_yaml(std::string_view text) {
  YamlText out;
  std::string source;
  if (!normalise(text, source, out.mistakes)) return out;
  try {
    std::istringstream stream(source);
    YAML::Parser parser(stream);
    TreeBuilder builder(source, out);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Stop&) {
    out.root = {};
  } catch (const YAML::Exception& e) {
    const bool tab = tab_indents(source, e.mark.line);
    out.mistakes.push_back({e.mark.line + 1, plain_words(tab ? YAML::ErrorMsg::TAB_IN_INDENTATION : e.msg)});
    out.root = {};
  }
  return out;
}

}  // namespace andrea
