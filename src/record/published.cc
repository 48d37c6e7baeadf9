#include "record/published.h"

#include "base/json.h"
#include "record/run_log.h"

namespace andrea {

Published::Published(const RunFolder& folder, const std::string& run_name)
    : folder_(folder), name_(run_name) {
  if (folder_.occupied())
    for (const Event& event : read_log(folder_.log())) add(event);
}

void Published::add(const Event& event) {
  if (const auto* step = std::get_if<StepDone>(&event.what)) losses_.emplace_back(event.step, step->loss);
  if (const auto* eval = std::get_if<EvalDone>(&event.what)) last_eval_ = *eval;
  if (const auto* sample = std::get_if<SampleDone>(&event.what)) samples_.emplace_back(event.step, *sample);
}

Path Published::file(const char* kind) const { return folder_.dir / (name_ + "." + kind + ".json"); }

void Published::write(const PublishedBandit& bandit) const {
  Json losses = Json::array(), samples = Json::array();
  for (const auto& [step, loss] : losses_) losses.push_back({step, fields::encode(loss)});
  for (const auto& [step, sample] : samples_) {
    Json json = Json::object();
    json["step"] = step, json["text"] = sample.text;
    const Json rest = to_json(sample);
    for (const auto& [key, value] : rest.items()) json[key] = value;
    samples.push_back(std::move(json));
  }
  write_atomically(file("loss"), to_line(losses) + "\n");
  write_atomically(file("samples"), to_line(samples) + "\n");
  write_atomically(file("bandit"), to_line(to_json(bandit)) + "\n");
}

}  // namespace andrea
