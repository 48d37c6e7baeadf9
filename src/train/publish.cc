#include "train/publish.h"

#include "curriculum/curriculum.h"

namespace andrea {

PublishedBandit published_arms(const Config& config, const std::vector<Arm>& arms,
                               const std::vector<double>& final_weight, const TrainState& state,
                               const EvalDone& evaluation) {
  PublishedBandit out;
  out.step = state.step;
  out.policy = config.curriculum.policy == CurriculumPolicy::uniform ? "uniform" : "proportional";
  const std::vector<double> tentative = tentative_weights(config.curriculum, arms);
  for (size_t i = 0; i < arms.size(); ++i) {
    const ArmOptions& options = arms[i].options;
    PublishedArm arm;
    arm.name = options.name, arm.domain = options.domain;
    arm.pulls = state.arms[i].pulls, arm.epoch = state.arms[i].epoch;
    arm.floor = options.floor, arm.cap = options.cap;
    arm.tentative = tentative[i], arm.final_weight = final_weight[i];
    arm.documents = arms[i].store.documents();
    if (const auto found = evaluation.arms.find(options.name); found != evaluation.arms.end())
      arm.held_out_bits_per_byte = found->second.bits_per_byte;
    arm.fingerprint = arms[i].fingerprint();
    out.arms.push_back(arm);
  }
  return out;
}

}  // namespace andrea
