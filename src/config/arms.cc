#include "config/arms.h"

#include <fmt/format.h>
#include <glob.h>

#include <map>
#include <set>

#include "config/suggest.h"

namespace andrea {
namespace {

namespace fs = std::filesystem;
using Kind = YamlNode::Kind;

constexpr Location kFolder{true, "a folder with .txt or .jsonl files, or a list of such"};

bool has_wildcard(const std::string& text) { return text.find_first_of("*?[") != std::string::npos; }

std::string last_part(Path path) {
  while (path.has_filename() && has_wildcard(path.filename())) path = path.parent_path();
  return path.filename();
}

bool is_there(const Path& path) {
  std::error_code ignored;
  if (fs::exists(path, ignored)) return true;
  glob_t found{};
  const bool some = has_wildcard(path) && ::glob(path.c_str(), GLOB_NOSORT, nullptr, &found) == 0;
  ::globfree(&found);
  return some;
}

bool is_folder(const Path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

// What to call an arm in a message about one of its keys: by its name, else by what gives it one.
std::string called(const YamlNode& entry) {
  std::string name;
  for (const YamlNode& item : entry.items)
    if (item.kind == Kind::scalar && (item.key == "name" || (item.key == "path" && name.empty())))
      name = item.key == "name" ? item.text : last_part(absolute_path(item.text, "/"));
  return name.empty() ? "an arm" : "arm " + in_words(name);
}

// Takes the keys of an entry into an arm and keeps which there were.
struct ArmReader {
  const YamlNode& entry;
  const Bases& bases;
  const std::function<Place(int)>& place_of_line;
  Mistakes& mistakes;
  std::map<std::string, const YamlNode*> seen = {};
  std::set<std::string> doubtful = {};  // keys with a mistake
  bool has_place() const { return !doubtful.contains("path") && !doubtful.contains("name"); }

  template <class T, class Rule>
  void operator()(const char* name, T& member, const Rule& rule, const char*) {
    for (const YamlNode& item : entry.items) {
      if (item.key != name) continue;
      seen[name] = &item;
      if (item.kind == Kind::mistaken)
        doubtful.insert(name);
      else if (const std::string mistake = take(item, rule, bases, member); !mistake.empty())
        wrong(item, mistake);
    }
  }
  void wrong(const YamlNode& item, const std::string& sentence) {
    const std::string whose = item.key == "name" ? "an arm" : called(entry);
    mistakes.add(place_of_line(item.line), fmt::format("{} of {} {}", item.key, whose, sentence));
    doubtful.insert(item.key);
  }
};

class ArmList {
 public:
  ArmList(const Bases& bases, const std::function<Place(int)>& place_of_line, Demand demand,
          Mistakes& mistakes)
      : bases_(bases), place_of_line_(place_of_line), demand_(demand), mistakes_(mistakes) {}

  void add_entry(const YamlNode& entry) {
    if (entry.kind == Kind::mistaken) return;
    if (entry.kind == Kind::scalar || entry.kind == Kind::nothing) return add_path(entry);
    if (entry.kind == Kind::map) return add_mapping(entry);
    mistakes_.add(place_of_line_(entry.line),
                  "an arm is a list; it must be a path, or a mapping with path or folder");
  }

  std::vector<ArmOptions> arms;

 private:
  void add_path(const YamlNode& entry) {
    ArmOptions arm;
    const std::string mistake = take(entry, Location{true, "a path to text"}, bases_, arm.path);
    if (!mistake.empty()) return mistakes_.add(place_of_line_(entry.line), "an arm " + mistake);
    add(arm, entry.line);
  }

  void add_mapping(const YamlNode& entry) {
    ArmOptions arm;
    ArmReader reader{entry, bases_, place_of_line_, mistakes_};
    visit(reader, arm);
    const YamlNode* folder = nullptr;
    for (const YamlNode& item : entry.items) {
      if (item.key == "folder")
        folder = &item;
      else if (!reader.seen.contains(item.key))
        mistakes_.add(place_of_line_(item.line), fmt::format("unknown key {} of {}; {}", in_words(item.key),
                                                             called(entry), suggest_arm_key(item.key)));
    }
    if (arm.floor && arm.cap && *arm.floor > *arm.cap)
      reader.wrong(
          *reader.seen["floor"],
          fmt::format("is {}, above the cap {}; it must be 0 <= floor <= cap <= 1", *arm.floor, *arm.cap));
    if (folder) {
      for (const char* key : {"name", "domain", "path"})
        if (reader.seen.contains(key))
          reader.wrong(*reader.seen[key], "cannot stand beside folder, which makes an arm of each file");
      return add_folder(*folder, arm, reader.has_place());
    }
    if (!reader.seen.contains("path"))
      return mistakes_.add(place_of_line_(entry.line),
                           fmt::format("{} has no path; give it a path or a folder", called(entry)));
    if (reader.has_place()) add(arm, entry.line);
  }

  void add_folder(const YamlNode& node, const ArmOptions& pattern, bool has_place) {
    const std::vector<YamlNode> nodes = node.kind == Kind::list ? node.items : std::vector<YamlNode>{node};
    std::vector<Path> folders;
    for (const YamlNode& one : nodes) {
      Path folder;
      if (one.kind == Kind::mistaken) return;
      if (const std::string mistake = take(one, kFolder, bases_, folder); !mistake.empty())
        return mistakes_.add(place_of_line_(node.line), "folder of an arm " + mistake);
      folders.push_back(folder);
    }
    if (folders.empty()) return mistakes_.add(place_of_line_(node.line), "folder of an arm is an empty list");
    for (const Path& folder : folders)
      if (is_folder(folder)) return has_place ? add_files(folder, pattern, node.line) : void();
    std::string none;
    for (const Path& folder : folders)
      none += (none.empty() ? "there is no folder " : " and no folder ") + folder.native();
    missing(node.line, none);
  }

  void add_files(const Path& folder, const ArmOptions& pattern, int line) {
    std::set<Path> files;  // in the order of their names
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
      const Path& file = at->path();
      if ((file.extension() == ".txt" || file.extension() == ".jsonl") && !is_folder(file))
        files.insert(file);
    }
    if (error)
      return mistakes_.add(place_of_line_(line),
                           fmt::format("cannot read the folder {}: {}", folder.native(), error.message()));
    if (files.empty())
      return missing(line, fmt::format("the folder {} holds no .txt and no .jsonl file", folder.native()));
    for (const Path& file : files) {
      ArmOptions arm = pattern;
      arm.path = file;
      arm.name = file.stem();
      add(arm, line);
    }
  }

  void add(ArmOptions arm, int line) {
    const Place at = place_of_line_(line);
    if (arm.name.empty()) {
      arm.name = last_part(arm.path);
      if (arm.name.empty())
        return mistakes_.add(
            at, fmt::format("the path {} gives the arm no name; give it one", arm.path.native()));
    }
    if (const std::string why = wrong_file_name(arm.name); !why.empty())
      return mistakes_.add(
          at, fmt::format("the arm's name {} {}; give it one that is a plain file name of at most 100 bytes",
                          in_words(arm.name), why));
    if (arm.domain.empty()) arm.domain = arm.name;
    const auto [first, is_new] = names_.emplace(arm.name, at.text);
    if (!is_new)
      return mistakes_.add(
          at, fmt::format("an arm {} is there already{}; names must be unique", in_words(arm.name),
                          first->second == at.text ? "" : " (" + first->second + ")"));
    if (demand_ == Demand::everything && !is_there(arm.path))
      missing(line, has_wildcard(arm.path)
                        ? fmt::format("no file matches {}, the text of arm {}", arm.path.native(), arm.name)
                        : fmt::format("there is no {}, the text of arm {}", arm.path.native(), arm.name));
    arms.push_back(std::move(arm));
  }

  void missing(int line, const std::string& sentence) {
    if (demand_ == Demand::nothing_on_disk) return;
    mistakes_.add(place_of_line_(line), sentence);
    mistakes_.set_hint(
        "scripts/fetch_corpus.py quick (or standard) fetches real text into corpus/; a text of your own: "
        "--set arms=./my-texts");
  }

  const Bases& bases_;
  const std::function<Place(int)>& place_of_line_;
  Demand demand_;
  Mistakes& mistakes_;
  std::map<std::string, std::string> names_;  // and where each was given
};

}  // namespace

std::vector<ArmOptions> read_arms(const YamlNode& node, const Bases& bases,
                                  const std::function<Place(int)>& place_of_line, Demand demand,
                                  Mistakes& mistakes) {
  ArmList list(bases, place_of_line, demand, mistakes);
  if (node.kind != Kind::list) {
    list.add_entry(node);
  } else {
    for (const YamlNode& entry : node.items) list.add_entry(entry);
    if (node.items.empty() && demand == Demand::everything)
      mistakes.add(place_of_line(node.line),
                   "arms is an empty list; give at least one text, for instance arms: ./my-texts");
  }
  return std::move(list.arms);
}

}  // namespace andrea
