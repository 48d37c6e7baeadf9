#include "text/documents.h"

#include <fmt/format.h>

#include <utility>

#include "base/error.h"
#include "base/json.h"

namespace andrea {
namespace {

constexpr std::string_view kBlank = " \t\r\n";

bool is_blank(std::string_view line) { return line.find_first_not_of(kBlank) == std::string_view::npos; }

// Keeps of `text` what is a document; false when nothing is left.
bool keep_document(std::string& text) {
  const std::string_view document = trim_document(text);
  const size_t begin = document.empty() ? text.size() : size_t(document.data() - text.data());
  text.resize(begin + document.size());
  text.erase(0, begin);
  return !text.empty();
}

std::string text_of_json(std::string_view line, const std::string& where) {
  Json json = parse_json(line, where);
  constexpr const char* kHint = "each line of a .jsonl file is an object like {\"text\": \"...\"}";
  if (!json.is_object())
    throw Error(fmt::format("{}: an object is expected, not {}", where, json.type_name()), kHint);
  const auto text = json.find("text");
  if (text == json.end()) throw Error(fmt::format("{}: the field 'text' is missing", where), kHint);
  if (!text->is_string())
    throw Error(fmt::format("{}: the field 'text' is {}, not a string", where, text->type_name()), kHint);
  return std::move(text->get_ref<std::string&>());
}

}  // namespace

std::string_view trim_document(std::string_view text) {
  const size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  const size_t last = text.find_last_not_of(kBlank);
  const size_t line_end = text.find('\n', last);
  size_t end = line_end == std::string_view::npos ? text.size() : line_end;
  if (line_end != std::string_view::npos && text[end - 1] == '\r') --end;
  const size_t begin = text.rfind('\n', first) + 1;  // 0 when there is none
  return text.substr(begin, end - begin);
}

DocumentReader::DocumentReader(const Source& source, uint64_t longest)
    : source_(&source), longest_(longest) {}

uint64_t DocumentReader::bytes_read() const { return bytes_before_ + (lines_ ? lines_->bytes() : 0); }

std::string DocumentReader::where() const {
  return fmt::format("{}:{}", source_->files[file_].path.string(), lines_->line_number());
}

bool DocumentReader::next(std::string& text) {
  for (; file_ < source_->files.size(); ++file_) {
    const SourceFile& file = source_->files[file_];
    if (!lines_) lines_.emplace(file.path, longest_);
    if (next_in_file(text)) return true;
    if (lines_->checksum() != file.checksum)
      throw Error(fmt::format("{} changed while it was read", file.path.string()),
                  "start again when nothing writes to it any more");
    bytes_before_ += lines_->bytes();
    lines_.reset();
  }
  return false;
}

// Leaves the reader at the end of the file when it returns false.
bool DocumentReader::next_in_file(std::string& text) {
  text.clear();
  for (;;) {
    std::string_view line = std::exchange(rest_, {});
    if (line.empty() && !lines_->next(line)) return keep_document(text);
    switch (source_->files[file_].split) {
      case Split::json_lines:
        if (is_blank(line)) continue;
        text = text_of_json(line, where());
        if (keep_document(text)) return true;
        break;
      case Split::blank_line:
        if (!is_blank(line))
          append(text, line);
        else if (keep_document(text))
          return true;
        break;
      case Split::form_feed: {
        const size_t feed = line.find('\f');
        append(text, line.substr(0, feed));
        if (feed == std::string_view::npos) break;
        rest_ = line.substr(feed + 1);
        if (keep_document(text)) return true;
        break;
      }
      case Split::file:
        append(text, line);
        break;
    }
  }
}

void DocumentReader::append(std::string& text, std::string_view more) const {
  if (text.size() + more.size() > longest_)
    throw Error(fmt::format("{}: a document longer than {} bytes", where(), longest_),
                "split it by blank lines or form feeds, and set the arm's `documents` to match");
  text.append(more);
}

}  // namespace andrea
