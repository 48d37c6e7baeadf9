#include "replay/json_records.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "replay/moment.h"

namespace andrea {
namespace {

namespace od = simdjson::ondemand;

// simdjson reads past the end of a text, so each record is copied to where it may.
class Document {
 public:
  explicit Document(std::string_view record) {
    text().assign(record);
    text().reserve(text().size() + simdjson::SIMDJSON_PADDING);
    fine_ =
        parser().iterate(text().data(), text().size(), text().capacity()).get(document_) == simdjson::SUCCESS;
  }
  bool fine() const { return fine_; }
  od::document& operator*() { return document_; }
  // Everything was read, and nothing stands behind it.
  bool at_end() { return document_.current_location().error() == simdjson::OUT_OF_BOUNDS; }

 private:
  static std::string& text() {
    thread_local std::string text;
    return text;
  }
  static od::parser& parser() {
    thread_local od::parser parser;
    return parser;
  }
  od::document document_;
  bool fine_ = false;
};

// A loss may be null, NaN, or a word for it in quotes; anything else that is no number is damage.
std::optional<double> loss_of(od::value value) {
  double number = 0;
  if (value.get_double().get(number) == simdjson::SUCCESS) return number;
  std::string_view raw = value.raw_json_token();
  if (raw.starts_with('"')) raw.remove_prefix(1);
  if (raw.starts_with('-')) raw.remove_prefix(1);
  for (const std::string_view word : {"null", "nan", "NaN", "NAN", "inf", "Inf", "INF"})
    if (raw.starts_with(word)) return std::numeric_limits<double>::quiet_NaN();
  return std::nullopt;
}

std::optional<int64_t> whole_of(od::value value) {
  int64_t number = 0;
  if (value.get_int64().get(number) == simdjson::SUCCESS) return number;
  double real = 0;  // 100.0, as tables that went through floating point have it
  if (value.get_double().get(real) != simdjson::SUCCESS || real != std::floor(real) || std::abs(real) > 1e15)
    return std::nullopt;
  return int64_t(real);
}

std::optional<int64_t> step_of(od::value value) {
  const auto step = whole_of(value);
  return step && is_step(*step) ? step : std::nullopt;
}

// A null is no text.
std::optional<std::string> text_of(od::value value) {
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS) return std::nullopt;
  return std::string(text);
}

std::string string_of(od::value value) {
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS) return "";
  return std::string(text);
}

// A text, or seconds, milliseconds or microseconds since 1970.
std::optional<double> time_of(od::value value) {
  std::string_view text;
  if (value.get_string().get(text) == simdjson::SUCCESS) return moment_of(text);
  double number = 0;
  if (value.get_double().get(number) != simdjson::SUCCESS) return std::nullopt;
  return number > 1e14 ? number / 1e6 : number > 1e11 ? number / 1e3 : number;
}

std::vector<int32_t> ids_of(od::value value) {
  std::vector<int32_t> ids;
  od::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) return ids;
  for (auto item : array) {
    int64_t id = 0;
    if (item.get_int64().get(id) != simdjson::SUCCESS || id < 0 || id > std::numeric_limits<int32_t>::max())
      return {};
    ids.push_back(int32_t(id));
  }
  return ids;
}

// `visit(key, value)` for each field. False when the record is no whole JSON object.
template <class Visit>
bool each_field(std::string_view record, const Visit& visit) {
  Document document(record);
  od::object object;
  if (!document.fine() || (*document).get_object().get(object) != simdjson::SUCCESS) return false;
  for (auto field : object) {
    std::string_view key;
    od::value value;
    if (field.unescaped_key().get(key) != simdjson::SUCCESS || field.value().get(value) != simdjson::SUCCESS)
      return false;
    visit(key, value);
  }
  return document.at_end();
}

// What any of our formats may say in one object.
struct Fields {
  std::string event, type, run_id;
  std::optional<int64_t> step, tokens;
  std::optional<double> loss, time, score;
  std::optional<std::string> text;
  std::vector<int32_t> ids;
  std::vector<std::pair<std::string, std::string>> options;
  bool text_changed = false;
  bool damaged = false;  // a loss is there, and is none
};

void read_options(od::value value, Fields& f) {
  od::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS) return;
  for (auto field : object) {
    std::string_view key;
    od::value option;
    if (field.unescaped_key().get(key) != simdjson::SUCCESS || field.value().get(option) != simdjson::SUCCESS)
      return;
    std::string name(key);  // the next string may take the place of this one
    auto text = text_of(option);
    if (!text) {  // a number or a word, as written
      text = option.raw_json_token();
      text->erase(text->find_last_not_of(" \t\r\n") + 1);
    }
    f.options.emplace_back(std::move(name), std::move(*text));
  }
}

std::optional<Fields> fields_of(std::string_view record) {
  Fields f;
  const bool whole = each_field(record, [&](std::string_view key, od::value value) {
    if (key == "event")
      f.event = string_of(value);
    else if (key == "type")
      f.type = string_of(value);
    else if (key == "run_id")
      f.run_id = string_of(value);
    else if (key == "step")
      f.step = step_of(value);
    else if (key == "loss")
      f.damaged |= !(f.loss = loss_of(value));
    else if (key == "time" || key == "ts")
      f.time = time_of(value);
    else if (key == "text" || key == "content")
      f.text = text_of(value);
    else if (key == "ids")
      f.ids = ids_of(value);
    else if (key == "tokens")
      f.tokens = whole_of(value);
    else if (key == "text_changed")
      f.text_changed = value.raw_json_token().starts_with("true");
    else if (key == "config")
      read_options(value, f);
    else if (key == "score") {
      od::value total;
      if (value["total"].get(total) == simdjson::SUCCESS) f.score = loss_of(total);
    }
  });
  if (!whole || f.damaged) return std::nullopt;
  return f;
}

WrittenSample sample_of(Fields& f) {
  return {*f.step, std::move(f.text).value_or(""), std::move(f.ids), f.tokens, f.score};
}

}  // namespace

Reading read_event(std::string_view record, std::vector<Observation>& out) {
  auto f = fields_of(record);
  if (!f || f->event.empty() || !f->step) return Reading::not_understood;
  if (f->event == "step") {
    if (!f->loss) return Reading::not_understood;
    out.push_back(LossPoint{*f->step, *f->loss, f->time});
  } else if (f->event == "sample") {
    if (!f->text) return Reading::not_understood;
    out.push_back(sample_of(*f));
  } else if (f->event == "run_start") {
    out.push_back(LoggedOptions{std::move(f->options), f->text_changed});
  } else {
    return Reading::passed_over;
  }
  return Reading::understood;
}

namespace {

Reading read_run_event_of(std::optional<std::string>& run, std::string_view record,
                          std::vector<Observation>& out) {
  auto f = fields_of(record);
  if (!f || !f->type.starts_with("run.")) return Reading::not_understood;
  if (run.value_or(f->run_id) != f->run_id) return Reading::of_another_run;
  if (f->type == "run.loss" || f->type == "run.sample") run = f->run_id;
  if (f->type == "run.loss") {
    if (!f->step || !f->loss) return Reading::not_understood;
    out.push_back(LossPoint{*f->step, *f->loss, f->time});
  } else if (f->type == "run.sample") {
    if (!f->step || !f->text) return Reading::not_understood;
    out.push_back(sample_of(*f));
  } else {
    return Reading::passed_over;
  }
  return Reading::understood;
}

}  // namespace

RecordReader run_event_reader() {
  return
      [run = std::optional<std::string>()](std::string_view record, std::vector<Observation>& out) mutable {
        return read_run_event_of(run, record, out);
      };
}

namespace {

// [100, 9.25] as nearly all of them are; from_chars reads a number to the same bits as simdjson.
std::optional<LossPoint> plain_pair(std::string_view record) {
  const char *at = record.data(), *const end = at + record.size();
  const auto take = [&](char c) {
    while (at < end && (*at == ' ' || *at == '\n')) ++at;
    return at < end && *at == c ? (++at, true) : false;
  };
  const auto number = [&](auto& value) {
    while (at < end && (*at == ' ' || *at == '\n')) ++at;
    const auto [behind, error] = std::from_chars(at, end, value);
    at = behind;
    return error == std::errc();
  };
  LossPoint point;
  const bool whole =
      take('[') && number(point.step) && take(',') && number(point.loss) && take(']') && at == end;
  return whole && is_step(point.step) ? std::optional(point) : std::nullopt;
}

}  // namespace

Reading read_loss_pair(std::string_view record, std::vector<Observation>& out) {
  if (const auto point = plain_pair(record)) {
    out.push_back(*point);
    return Reading::understood;
  }
  Document document(record);
  od::array array;
  if (!document.fine() || (*document).get_array().get(array) != simdjson::SUCCESS)
    return Reading::not_understood;
  std::optional<int64_t> step;
  std::optional<double> loss;
  size_t count = 0;
  for (auto item : array) {
    od::value value;
    if (item.get(value) != simdjson::SUCCESS) return Reading::not_understood;
    if (count == 0) step = step_of(value);
    if (count == 1) loss = loss_of(value);
    ++count;
  }
  if (count < 2 || !step || !loss || !document.at_end()) return Reading::not_understood;
  out.push_back(LossPoint{*step, *loss, std::nullopt});
  return Reading::understood;
}

Reading read_published_sample(std::string_view record, std::vector<Observation>& out) {
  auto f = fields_of(record);
  if (!f || !f->step || (!f->text && f->ids.empty())) return Reading::not_understood;
  out.push_back(sample_of(*f));
  return Reading::understood;
}

Reading read_log_history(std::string_view record, std::vector<Observation>& out) {
  const auto f = fields_of(record);
  if (!f || !f->step) return Reading::not_understood;
  if (!f->loss) return Reading::passed_over;
  out.push_back(LossPoint{*f->step, *f->loss, std::nullopt});
  return Reading::understood;
}

void read_behind_log_history(std::string_view rest, std::vector<Observation>& out) {
  constexpr std::string_view kName = "\"max_steps\"";
  const size_t at = rest.find(kName);
  if (at == std::string_view::npos) return;
  rest.remove_prefix(at + kName.size());
  rest.remove_prefix(std::min(rest.size(), rest.find_first_not_of(": \t\r\n")));
  int64_t steps = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), steps);
  if (error == std::errc() && steps > 0 && is_step(steps)) out.push_back(PlannedSteps{steps});
}

RecordReader json_columns_reader(const Columns& columns) {
  return [columns](std::string_view record, std::vector<Observation>& out) {
    std::optional<int64_t> step;
    std::optional<double> loss;
    std::optional<std::string> text;
    bool damaged = false;
    const bool whole = each_field(record, [&](std::string_view key, od::value value) {
      if (key == columns.step)
        step = step_of(value);
      else if (key == columns.loss)
        damaged = !(loss = loss_of(value));
      else if (key == columns.text)
        text = text_of(value);
    });
    if (!whole || damaged || !step) return Reading::not_understood;
    if (loss) out.push_back(LossPoint{*step, *loss, std::nullopt});
    const bool any = loss || text;
    if (text) out.push_back(WrittenSample{*step, std::move(*text), {}, {}, {}});
    return any ? Reading::understood : Reading::passed_over;
  };
}

std::optional<std::vector<std::string>> json_names(std::string_view record) {
  std::vector<std::string> names;
  if (!each_field(record, [&](std::string_view key, od::value) { names.emplace_back(key); }))
    return std::nullopt;
  return names;
}

}  // namespace andrea
