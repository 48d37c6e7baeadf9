#include "text/documents.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <string>
#include <vector>

#include "base/error.h"
#include "tests/support/temporary_folder.h"
#include "text/fingerprint.h"

using namespace andrea;
using namespace std::string_literals;
using Texts = std::vector<std::string>;

namespace {

class Folder {
 public:
  Path write(const std::string& name, const std::string& text) const {
    const Path path = folder_.path() / name;
    std::filesystem::create_directories(path.parent_path());
    write_text(path, text);
    return path;
  }
  const Path& path() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
};

ArmOptions arm_of(const Path& path, Documents documents = Documents::automatic) {
  return {.name = "it", .domain = "it", .path = path, .documents = documents};
}

Texts read_all(const ArmOptions& arm, uint64_t longest = kLongestDocument) {
  Source source = find_files(arm);
  text_fingerprint(source);
  DocumentReader reader(source, longest);
  Texts texts;
  for (std::string text; reader.next(text);) texts.push_back(text);
  CHECK(reader.bytes_read() == source.bytes);
  return texts;
}

Texts names_of(const Source& source) {
  Texts names;
  for (const SourceFile& file : source.files) names.push_back(file.name);
  return names;
}

}  // namespace

TEST_CASE("trimming takes whole blank lines and the last line end, nothing else") {
  CHECK(trim_document("") == "");
  CHECK(trim_document(" \t\r\n\n ") == "");
  CHECK(trim_document("a") == "a");
  CHECK(trim_document("a\n") == "a");
  CHECK(trim_document("a\r\n") == "a");
  CHECK(trim_document("\n \n\t\r\n  a\n\n b \n \n\n") == "  a\n\n b ");
  CHECK(trim_document("a\r\nb\r\n\r\n") == "a\r\nb");
  CHECK(trim_document("a\r") == "a\r");
  CHECK(trim_document("\f\n") == "\f");
  CHECK(trim_document("\0\n"s) == "\0"s);
}

TEST_CASE("a single .txt is split by blank lines, or by form feeds when it holds one") {
  Folder f;
  const Path path = f.write("a.txt", "\n\none\n  two\n\n \t\nthree\r\n\r\nfour");
  CHECK(read_all(arm_of(path)) == Texts{"one\n  two", "three", "four"});
  f.write("a.txt", "one\n\ntwo\n\f\nthree\f\f \n\ffour\n\nfive\n");
  CHECK(read_all(arm_of(path)) == Texts{"one\n\ntwo", "three", "four\n\nfive"});
  f.write("a.txt", "\fone\f");
  CHECK(read_all(arm_of(path)) == Texts{"one"});
}

TEST_CASE("the choice of how a .txt is split can be made") {
  Folder f;
  const Path path = f.write("a.txt", "one\n\ntwo\f\n\nthree\n");
  CHECK(read_all(arm_of(path, Documents::automatic)) == Texts{"one\n\ntwo", "three"});
  CHECK(read_all(arm_of(path, Documents::form_feed)) == Texts{"one\n\ntwo", "three"});
  CHECK(read_all(arm_of(path, Documents::blank_line)) == Texts{"one", "two\f", "three"});
  CHECK(read_all(arm_of(path, Documents::file)) == Texts{"one\n\ntwo\f\n\nthree"});
  CHECK(read_all(arm_of(f.path(), Documents::blank_line)) == Texts{"one", "two\f", "three"});
}

TEST_CASE("a folder gives one document a file, in the bytewise order of names, and splits at form feeds") {
  Folder f;
  f.write("b.txt", "b\n\nb again\n");
  f.write("a.txt", "a1\fa2");
  f.write("B.txt", "capital");
  f.write("a/z.txt", "deep");
  f.write("a/deeper/y.jsonl", "{\"text\": \"json\"}\n");
  f.write("empty.txt", "");
  f.write("blank.txt", " \n\n");
  CHECK(read_all(arm_of(f.path())) == Texts{"capital", "a1", "a2", "json", "deep", "b\n\nb again"});
  CHECK(names_of(find_files(arm_of(f.path()))) ==
        Texts{"B.txt", "a.txt", "a/deeper/y.jsonl", "a/z.txt", "b.txt", "blank.txt", "empty.txt"});
}

TEST_CASE("hidden files are passed over; other endings, pipes and links to folders are counted") {
  Folder f, elsewhere;
  f.write("in.txt", "in");
  f.write(".hidden.txt", "hidden");
  f.write(".git/x.txt", "hidden");
  f.write("other.md", "other");
  f.write("UPPER.TXT", "other");
  REQUIRE(::mkfifo((f.path() / "pipe.txt").c_str(), 0600) == 0);
  elsewhere.write("far.txt", "far");
  std::filesystem::create_symlink(elsewhere.path() / "far.txt", f.path() / "link.txt");
  std::filesystem::create_symlink(elsewhere.path(), f.path() / "folder");
  std::filesystem::create_symlink(f.path(), f.path() / "loop");
  std::filesystem::create_symlink("nowhere", f.path() / "dangling.txt");
  const Source source = find_files(arm_of(f.path()));
  CHECK(names_of(source) == Texts{"in.txt", "link.txt"});
  CHECK(source.ignored_files == 6);
  CHECK(read_all(arm_of(f.path())) == Texts{"in", "far"});
  std::filesystem::create_directory_symlink(f.path(), elsewhere.path() / "to");
  CHECK(read_all(arm_of(elsewhere.path() / "to")) == Texts{"in", "far"});
}

TEST_CASE("a glob names files of several folders") {
  Folder f;
  f.write("x/1.txt", "x1\n\nx1");
  f.write("y/1.txt", "y1");
  f.write("y/2.txt", "y2");
  f.write("y/2.md", "other");
  CHECK(read_all(arm_of(f.path() / "*/1.txt")) == Texts{"x1\n\nx1", "y1"});
  CHECK(read_all(arm_of(f.path() / "y/[12].*")) == Texts{"y1", "y2"});
  CHECK(find_files(arm_of(f.path() / "y/?.*")).ignored_files == 1);
  const Path literal = f.write("z[1].txt", "z");
  CHECK(read_all(arm_of(literal)) == Texts{"z"});
}

TEST_CASE(".jsonl: the field text of each line") {
  Folder f;
  const Path path = f.write("a.jsonl",
                            "{\"text\": \"one\\n\\n two\\n\", \"id\": 7, \"x\": [{\"text\": 3}]}\n"
                            "\n  \r\n"
                            "{\"text\": \"\"}\n{\"text\": \" \\n \"}\r\n"
                            "{\"a\": null, \"text\": \"nul \\u0000 \\u00e9 \\ud83d\\ude00 \\f\"}");
  CHECK(read_all(arm_of(path)) == Texts{"one\n\n two", "nul \0 \xC3\xA9 \xF0\x9F\x98\x80 \f"s});
}

TEST_CASE("what is wrong with a text is said with file and line") {
  Folder f;
  const std::string p = (f.path() / "a.jsonl").string();
  const auto sentence = [&](const std::string& text) {
    f.write("a.jsonl", text);
    return sentence_of([&] { read_all(arm_of(f.path() / "a.jsonl")); });
  };
  CHECK(sentence("{\"text\": \"a\"}\n\n{\"text\": \"b\"\n").starts_with(p + ":3: not valid JSON: "));
  CHECK(sentence("{\"text\": \"\xFF\"}\n").starts_with(p + ":1: not valid JSON: "));
  CHECK(sentence("{\"body\": \"a\"}\n") == p + ":1: the field 'text' is missing");
  CHECK(sentence("{\"text\": 5}\n") == p + ":1: the field 'text' is number, not a string");
  CHECK(sentence("{\"text\": null}\n") == p + ":1: the field 'text' is null, not a string");
  CHECK(sentence("\n[\"text\"]\n") == p + ":2: an object is expected, not array");
  CHECK(sentence(std::string(100000, '[')) == p + ":1: nested more than 1000 levels deep");
}

TEST_CASE("what is wrong with an arm's path is said with the arm's name, as a usage error") {
  Folder f;
  f.write("only.md", "x");
  const std::string p = f.path().string();
  const auto sentence = [&](const Path& path) {
    try {
      find_files(arm_of(path));
    } catch (const Error& e) {
      CHECK(e.exit_code == kExitUsage);
      CHECK(!e.hint.empty());
      return std::string(e.what());
    }
    return "no error"s;
  };
  CHECK(sentence(f.path() / "none.txt") == "arm 'it': " + p + "/none.txt does not exist");
  CHECK(sentence(f.path()) ==
        "arm 'it': the folder " + p + " holds no .txt or .jsonl file (1 other files are there)");
  CHECK(sentence(f.path() / "only.md") ==
        "arm 'it': " + p + "/only.md is no folder and no .txt or .jsonl file");
  CHECK(sentence(f.path() / "*.txt") == "arm 'it': nothing matches " + p + "/*.txt");
  CHECK(sentence(f.path() / "*.md") == "arm 'it': " + p + "/*.md matches no .txt or .jsonl file");
}

TEST_CASE("documents and lines have a longest length") {
  Folder f;
  const std::string line(99, 'x');
  const Path txt = f.write("a.txt", "first\n\n" + line + "\n" + line);
  CHECK(read_all(arm_of(txt), 199).size() == 2);
  CHECK(sentence_of([&] { read_all(arm_of(txt), 198); }) ==
        txt.string() + ":4: a document longer than 198 bytes");
  CHECK(sentence_of([&] { read_all(arm_of(txt), 98); }) ==
        txt.string() + ":3: the line is longer than 98 bytes");
  const Path jsonl = f.write("a.jsonl", "{\"text\": \"a\"}\n{\"text\": \"" + line + "\"}\n");
  CHECK(sentence_of([&] { read_all(arm_of(jsonl), 98); }) ==
        jsonl.string() + ":2: the line is longer than 98 bytes");
}

TEST_CASE("a file that changed or went since it was looked at is noticed") {
  Folder f;
  const Path path = f.write("a.txt", "one\n\ntwo\n");
  Source source = find_files(arm_of(path));
  text_fingerprint(source);
  const auto sentence = [&] {
    return sentence_of([&] {
      DocumentReader reader(source);
      for (std::string text; reader.next(text);) {
      }
    });
  };
  CHECK(sentence() == "no error");
  f.write("a.txt", "one\n\ntwO\n");
  CHECK(sentence() == path.string() + " changed while it was read");
  std::filesystem::remove(path);
  CHECK(sentence() == "cannot read " + path.string() + ": No such file or directory");
}
