#include "replay/moment.h"

#include <charconv>
#include <chrono>

namespace andrea {
namespace {

// Takes numbers and signs off the front of a text.
struct Scanner {
  std::string_view rest;
  bool fine = true;

  int number(size_t digits) {
    int value = 0;
    const bool enough = rest.size() >= digits;
    const char* end = rest.data() + (enough ? digits : 0);
    const auto [stop, error] = std::from_chars(rest.data(), end, value);
    fine = fine && enough && error == std::errc() && stop == end && value >= 0;
    rest.remove_prefix(enough ? digits : rest.size());
    return value;
  }
  bool take(std::string_view any_of) {
    if (rest.empty() || any_of.find(rest.front()) == std::string_view::npos) return false;
    rest.remove_prefix(1);
    return true;
  }
  void need(std::string_view any_of) { fine = take(any_of) && fine; }
};

}  // namespace

std::optional<double> moment_of(std::string_view text) {
  using namespace std::chrono;
  Scanner s{text};
  const int y = s.number(4);
  s.need("-");
  const int m = s.number(2);
  s.need("-");
  const int d = s.number(2);
  s.need("T t");
  const int hour = s.number(2);
  s.need(":");
  const int minute = s.number(2);
  s.need(":");
  const int second = s.number(2);
  double fraction = 0;
  if (s.fine && s.take(".,"))
    for (double unit = 0.1; !s.rest.empty() && s.rest[0] >= '0' && s.rest[0] <= '9'; unit /= 10)
      fraction += unit * s.number(1);
  int offset = 0;  // minutes east of UTC
  if (s.fine && !s.take("Zz") && !s.rest.empty()) {
    const int sign = s.rest[0] == '-' ? -1 : 1;
    s.need("+-");
    offset = sign * 60 * s.number(2);
    s.take(":");
    offset += sign * s.number(2);
  }
  const year_month_day date{year(y), month(unsigned(m)), day(unsigned(d))};
  if (!s.fine || !s.rest.empty() || !date.ok() || hour > 23 || minute > 59 || second > 60)
    return std::nullopt;
  const auto days = sys_days(date).time_since_epoch().count();
  return double(days) * 86400 + (hour * 60 + minute - offset) * 60.0 + second + fraction;
}

}  // namespace andrea
