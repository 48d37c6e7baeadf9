// An arm's text as a stream of documents. What counts as a document is described in docs/text.md.
//
// Two passes over the files: find_files() and text_fingerprint() (fingerprint.h) find out what is there and
// how each file is split; a DocumentReader then gives one document after the other, in bounded memory.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/checksum.h"
#include "config/config.h"
#include "text/line_reader.h"

namespace andrea {

inline constexpr uint64_t kLongestDocument = uint64_t{64} << 20;  // bytes, of a document or a .jsonl line

enum class Split : uint8_t { blank_line = 1, form_feed = 2, file = 3, json_lines = 4 };

struct SourceFile {
  Path path;
  std::string name;          // below the arm's folder; for a glob or a single file the path
  Split split;               // what it is when no form feed is found, until text_fingerprint() has looked
  bool may_hold_form_feeds;  // a .txt for which the choice is left to its content
  uint64_t bytes;            // expected, until text_fingerprint() has counted
  Hash128 checksum;          // known after text_fingerprint()
};

struct Source {
  std::vector<SourceFile> files;  // in the bytewise order of their names
  uint64_t bytes = 0;             // of all files
  int64_t ignored_files = 0;  // met and not read: other endings, links to folders, what is no regular file
};

// The files that an arm's path names, at least one. Error when there is none or a folder cannot be read.
Source find_files(const ArmOptions& arm);

// The text from its first to its last line that is not blank (empty, or only blanks, tabs and carriage
// returns), without that last line's end (\n or \r\n). A part of `text`.
std::string_view trim_document(std::string_view text);

class DocumentReader {
 public:
  // `source` as text_fingerprint() left it; it must outlive the reader.
  explicit DocumentReader(const Source& source, uint64_t longest = kLongestDocument);

  // The next document, trimmed, that is not empty; false at the end. Error with FILE:LINE when one is longer
  // than `longest` bytes or a .jsonl line is not an object with a string `text`; Error when a file cannot be
  // read or is not what text_fingerprint() saw.
  bool next(std::string& text);

  uint64_t bytes_read() const;  // of source.bytes

 private:
  bool next_in_file(std::string& text);
  void append(std::string& text, std::string_view more) const;
  std::string where() const;

  const Source* source_;
  uint64_t longest_;
  size_t file_ = 0;
  std::optional<LineReader> lines_;
  std::string_view rest_;      // of the current line, behind a form feed
  uint64_t bytes_before_ = 0;  // of the files that are finished
};

}  // namespace andrea
