#include "record/run_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/error.h"

namespace andrea {
namespace {

std::optional<int64_t> step_of_record(const std::string& name) {
  constexpr std::string_view kPrefix = "step_", kSuffix = ".json";
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) return std::nullopt;
  const char* begin = name.data() + kPrefix.size();
  const char* end = name.data() + name.size() - kSuffix.size();
  int64_t step = 0;
  const auto [stop, error] = std::from_chars(begin, end, step);
  if (error != std::errc() || stop != end || step < 0) return std::nullopt;
  return step;
}

}  // namespace

Path RunFolder::weights(int64_t step) const { return dir / fmt::format("step_{:06}.bin", step); }
Path RunFolder::record(int64_t step) const { return dir / fmt::format("step_{:06}.json", step); }

std::vector<int64_t> RunFolder::steps() const {
  std::vector<int64_t> found;
  std::error_code error;
  std::filesystem::directory_iterator entry(dir, error);
  if (error == std::errc::no_such_file_or_directory) return found;
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const auto step = step_of_record(entry->path().filename().string());
    if (step && record(*step).filename() == entry->path().filename()) found.push_back(*step);
  }
  if (error) throw Error(fmt::format("cannot read folder {}: {}", dir.string(), error.message()));
  std::sort(found.begin(), found.end());
  return found;
}

bool RunFolder::occupied() const { return std::filesystem::exists(log()); }

}  // namespace andrea
