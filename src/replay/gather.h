// What a replay keeps of a sequence whose length nobody knows, in memory that does not grow.
#pragma once
#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "replay/report.h"

namespace andrea {

// Keeps at most so many of a sequence of unknown length, evenly spread: every one, every second, every
// fourth.
template <class T>
class Spread {
 public:
  explicit Spread(size_t most) : most_(most) {}
  bool wants_next() const { return seen_ % every_ == 0; }
  void skip() { ++seen_; }
  void add(T item) {
    ++seen_;
    kept_.push_back(std::move(item));
    if (kept_.size() < most_) return;
    for (size_t i = 0; 2 * i < kept_.size(); ++i) kept_[i] = std::move(kept_[2 * i]);
    kept_.resize((kept_.size() + 1) / 2);
    every_ *= 2;
  }
  std::vector<T> take() { return std::move(kept_); }

 private:
  size_t most_;
  int64_t seen_ = 0, every_ = 1;
  std::vector<T> kept_;
};

inline constexpr size_t kMostBuckets = 2000;

// The curve of the losses in at most kMostBuckets parts of the same number of points, fewer before a restart.
class Curve {
 public:
  void add(int64_t step, double loss, double ema) {
    const bool full = buckets_.empty() || buckets_.back().points >= points_each_;
    if (full || step < buckets_.back().first_step) {  // a restart begins a part of its own
      if (buckets_.size() == kMostBuckets) halve();
      buckets_.push_back({step, step, 0, loss, loss, ema});
    }
    LossBucket& b = buckets_.back();
    ++b.points;
    b.last_step = std::max(b.last_step, step), b.ema = ema;
    b.least = std::min(b.least, loss), b.greatest = std::max(b.greatest, loss);
  }
  std::vector<LossBucket> take() { return std::move(buckets_); }

 private:
  void halve() {
    for (size_t i = 0; i < kMostBuckets / 2; ++i) {
      LossBucket a = buckets_[2 * i];
      const LossBucket& b = buckets_[2 * i + 1];
      a.first_step = std::min(a.first_step, b.first_step), a.last_step = std::max(a.last_step, b.last_step);
      a.points += b.points, a.ema = b.ema;
      a.least = std::min(a.least, b.least), a.greatest = std::max(a.greatest, b.greatest);
      buckets_[i] = a;
    }
    buckets_.resize(kMostBuckets / 2);
    points_each_ = std::min(2 * points_each_, int64_t{1} << 40);
  }
  std::vector<LossBucket> buckets_;
  int64_t points_each_ = 1;
};

// Steps a minute, from the moments of the points, or where a log says it instead from what each step took.
// Pauses (a stop, a night) are no part of it: an interval that takes ten times as long a step as those before
// it, and over a minute.
class Pace {
 public:
  void add(int64_t step, double time) {
    if (last_ && step > last_->first && time >= last_->second) {
      const double seconds = time - last_->second, steps = double(step - last_->first);
      const bool pause = steps_ > 0 && seconds > 60 && seconds / steps > 10 * seconds_ / steps_;
      if (!pause) steps_ += steps, seconds_ += seconds;
    }
    last_ = {step, time};
  }
  void add_duration(double seconds) {
    if (seconds > 0) steps_ += 1, seconds_ += seconds;
  }
  std::optional<double> steps_per_minute() const {
    if (steps_ == 0 || seconds_ <= 0) return std::nullopt;
    return 60 * steps_ / seconds_;
  }

 private:
  std::optional<std::pair<int64_t, double>> last_;
  double steps_ = 0, seconds_ = 0;
};

}  // namespace andrea
