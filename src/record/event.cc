#include "record/event.h"

#include <fmt/format.h>
#include <chrono>
#include <ctime>

#include "base/fields.h"

namespace andrea {
namespace {

// Tries the alternatives of the variant in turn until one has the name.
template <size_t I = 0>
std::optional<Happening> happening_named(const std::string& name, const Json& json,
                                         const std::string& where) {
  if constexpr (I == std::variant_size_v<Happening>) {
    return std::nullopt;
  } else {
    using T = std::variant_alternative_t<I, Happening>;
    if (name == T::kName) return from_json<T>(json, where);
    return happening_named<I + 1>(name, json, where);
  }
}

}  // namespace

std::string time_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const int64_t ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  const std::time_t seconds = std::time_t(ms / 1000);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", utc.tm_year + 1900, utc.tm_mon + 1,
                     utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, ms % 1000);
}

std::string to_line(const Event& event) {
  Json line = Json::object();
  std::visit(
      [&](const auto& what) {
        line["event"] = std::decay_t<decltype(what)>::kName;
        line["step"] = event.step;
        line["time"] = event.time;
        const Json fields = to_json(what);  // items() of a temporary would outlive it
        for (const auto& [key, value] : fields.items()) line[key] = value;
      },
      event.what);
  return to_line(line);
}

std::optional<Event> event_from_line(std::string_view text, const std::string& where) {
  const Json line = parse_json(text, where);
  FieldReader read(line, where);
  Event event;
  std::string name;
  read("event", name), read("step", event.step), read("time", event.time);
  auto what = happening_named(name, line, where);
  if (!what) return std::nullopt;
  event.what = std::move(*what);
  return event;
}

}  // namespace andrea
