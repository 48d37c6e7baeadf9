#include "record/published.h"

#include "base/fields.h"
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
  if (const auto* eval = std::get_if<EvalDone>(&event.what)) last_eval_ = *eval;
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
