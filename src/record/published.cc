#include "record/published.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/fields.h"
#include "base/files.h"
#include "base/json.h"
#include "record/run_log.h"

namespace andrea {

namespace {

void append(std::string& list, const Json& item) {
  if (!list.empty()) list += ',';
  list += to_line(item);
}

Json published_sample(int64_t step, const SampleDone& sample) {
  Json json = Json::object();
  json["step"] = step, json["text"] = sample.text;
  const Json rest = to_json(sample);
  for (const auto& [key, value] : rest.items()) json[key] = value;
  return json;
}

}  // namespace

PublishedBandit read_published_bandit(const Path& run_folder, const std::string& run_name) {
  const Path file = run_folder / (run_name + ".bandit.json");
  std::error_code none;
  if (!std::filesystem::exists(file, none))
    throw Error(fmt::format("{} is missing", file.string()), "it is written with a run's first checkpoint");
  return from_json<PublishedBandit>(parse_json(read_file(file), file.string()), file.string());
}

Published::Published(const RunFolder& folder, const std::string& run_name)
    : folder_(folder), name_(run_name) {
  if (folder_.occupied())
    for (const Event& event : read_log(folder_.log())) add(event);
}

void Published::add(const Event& event) {
  if (const auto* step = std::get_if<StepDone>(&event.what))
    append(losses_, Json::array({event.step, fields::encode(step->loss)}));
  if (const auto* sample = std::get_if<SampleDone>(&event.what))
    append(samples_, published_sample(event.step, *sample));
  if (const auto* start = std::get_if<RunStart>(&event.what))
    other_text_ |=
        start->text_changed || std::any_of(start->changed.begin(), start->changed.end(),
                                           [](const auto& change) { return change.starts_with("eval."); });
  if (const auto* eval = std::get_if<EvalDone>(&event.what)) {
    eval_before_ = std::exchange(last_eval_, *eval);
    if (std::exchange(other_text_, false)) eval_before_ = {};
  }
}

Path Published::file(const char* kind) const { return folder_.dir / (name_ + "." + kind + ".json"); }

void Published::write(const PublishedBandit& bandit) const {
  const auto write_list = [&](const char* kind, const std::string& list) {
    write_atomically(file(kind), [&](FileWriter& out) { out.write("["), out.write(list), out.write("]\n"); });
  };
  write_list("loss", losses_);
  write_list("samples", samples_);
  write_atomically(file("bandit"), to_line(to_json(bandit)) + "\n");
}

}  // namespace andrea
