// bench_bandit [ARMS [DOCUMENTS]]: what choosing the text of a step costs, with 1,000 arms of 1,000 documents
// each when left out. Makes the texts and their stores in a temporary folder, then takes 20,000 steps without
// a model: dice, choice, reading the rows, folding a loss; a look at all held-out losses every 100.
#include <fmt/format.h>

#include <cstdlib>

#include "base/files.h"
#include "base/rng.h"
#include "bench/bench.h"
#include "curriculum/curriculum.h"
#include "curriculum/ucb.h"
#include "tests/support/temporary_folder.h"
#include "text/prepare.h"

using namespace andrea;

namespace {

std::string made_up(int64_t arm, int64_t documents) {
  std::string text;
  for (int64_t d = 0; d < documents; ++d)
    text += fmt::format("The river of arm {} ran over the old stones for the {}th time.\n\n", arm, d);
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  const int64_t count = argc > 1 ? std::atoll(argv[1]) : 1000,
                documents = argc > 2 ? std::atoll(argv[2]) : 1000;
  if (argc > 3 || count < 1 || documents < 2)
    return fmt::print(stderr, "bench_bandit [ARMS [DOCUMENTS]]\n"), 2;
  set_threads(usable_cpus());
  const TemporaryFolder folder;
  const Tokenizer tokenizer(ANDREA_SOURCE_DIR "/tokenizer/andrea-8449.model");
  std::vector<Arm> arms;
  std::vector<ArmState> states;
  std::vector<ArmReader> readers;
  const double t0 = bench::now();
  for (int64_t a = 0; a < count; ++a) {
    const std::string name = fmt::format("arm{}", a);
    const Path file = folder.path() / (name + ".txt");
    write_text(file, made_up(a, documents));
    const ArmOptions options{.name = name, .domain = name, .path = file};
    arms.push_back({options, prepare_arm(options, tokenizer, folder.path() / "stores", 1)});
    states.push_back({name, arms.back().fingerprint()});
  }
  for (const Arm& arm : arms) readers.emplace_back(arm, 1);
  fmt::print("{} arms of {} documents made in {:.1f} s\n", count, documents, bench::now() - t0);

  CurriculumOptions options;
  options.policy = CurriculumPolicy::ucb1, options.memory = 1000, options.max_epochs = 4;
  options.reward = CurriculumReward::power_law;
  Bandit bandit;
  Batch batch;
  double choosing = 0, reading = 0, folding = 0, looking = 0, longest = 0;
  constexpr int64_t kSteps = 20000;
  for (int64_t step = 1; step <= kSteps; ++step) {
    const double a = bench::now();
    refocus(options, arms, 1, step, states, bandit);
    const size_t arm = choose_arm(options, arms, states, 1, step);
    const double b = bench::now();
    const int64_t epoch = states[arm].epoch;
    readers[arm].read(states[arm], 8, 1024, batch);
    const double c = bench::now();
    const double loss = 4 + 0.1 * stream(1, Purpose::test, uint64_t(step)).normal();
    fold(options, Pull{arm, epoch, loss, loss / 3, 4.0}, states, bandit.progress);
    const double d = bench::now();
    choosing += b - a, reading += c - b, folding += d - c;
    if (step > count) longest = std::max(longest, (b - a) + (d - c));
    if (step % 100 == 0) {
      std::map<std::string, ArmEval> held_out;
      for (const ArmState& state : states) held_out[state.name] = {4, 1.5};
      const double e = bench::now();
      fold(options, held_out, states, bandit.progress);
      looking += bench::now() - e;
    }
  }
  const auto each = [](double seconds) { return 1e6 * seconds / double(kSteps); };
  fmt::print(
      "microseconds a step: choosing {:.1f}, folding the loss {:.1f}, folding looks {:.1f}; longest step "
      "{:.0f}\n"
      "(reading the rows, which every policy does: {:.1f})\n",
      each(choosing), each(folding), each(looking), 1e6 * longest, each(reading));
}
