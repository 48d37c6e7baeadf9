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

ClaimedFolder::ClaimedFolder(const RunFolder& folder) : lock_file_(folder.lock()) {
  std::error_code error;
  for (Path missing = folder.dir; missing.has_filename() && !std::filesystem::exists(missing, error);
       missing = missing.parent_path())
    made_.push_back(missing);
  try {
    make_folders(folder.dir);
    lock_is_new_ = !std::filesystem::exists(lock_file_, error);
    lock_ = std::make_unique<FileLock>(lock_file_);
  } catch (const Error&) {
    take_away();
    throw;
  }
  if (!lock_->held())
    throw usage_error(fmt::format("another trainer is at work in {}", folder.dir.string()),
                      "wait for it, stop it, or choose another run folder");
}

ClaimedFolder::~ClaimedFolder() {
  if (!kept_) take_away();
}

void ClaimedFolder::take_away() {
  std::error_code error;
  if (lock_is_new_) std::filesystem::remove(lock_file_, error);
  for (const Path& folder : made_)
    std::filesystem::remove(folder, error);  // but for one that holds something
}

}  // namespace andrea
