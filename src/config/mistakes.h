// Mistakes of a config, collected so that all of a file are told at once.
#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "base/error.h"

namespace andrea {

// Where something was said: "configs/x.yaml:12" or "--set model.d_model=5". Those of the file come first, by
// line.
struct Place {
  std::string text;
  int order = 0;
};
inline constexpr int kFirstSet = 1 << 30;  // the order of the first --set

class Mistakes {
 public:
  void add(const Place& at, const std::string& sentence) {
    all_.push_back({at.order, at.text + ": " + sentence});
  }
  // What helps against the last mistake that had a hint.
  void set_hint(std::string hint) { hint_ = std::move(hint); }
  void throw_if_any() const {
    if (all_.empty()) return;
    std::vector<Mistake> sorted = all_;
    std::stable_sort(sorted.begin(), sorted.end(), [](auto& a, auto& b) { return a.order < b.order; });
    std::string text;
    for (size_t i = 0; i < std::min(sorted.size(), kMostTold); ++i)
      text += (i ? "\n" : "") + sorted[i].sentence;
    if (sorted.size() > kMostTold)
      text += "\nand " + std::to_string(sorted.size() - kMostTold) + " more mistakes";
    throw usage_error(text, hint_);
  }

 private:
  static constexpr size_t kMostTold = 100;
  struct Mistake {
    int order;
    std::string sentence;
  };
  std::vector<Mistake> all_;
  std::string hint_;
};

}  // namespace andrea
