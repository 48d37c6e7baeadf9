// Any bytes as a config. What is taken must come back equal from its own dump.
#include "config/config.h"
#include "tests/fuzz/fuzz.h"

using namespace andrea;

std::vector<std::string> fuzz_seeds() {
  std::vector<std::string> seeds{"train: {steps: 5}\narms: x.txt\n",
                                 "arms: [{name: a, path: ./a, floor: 0.2}]\n", "a: &b [*b]\n"};
  for (const char* name : {"quickstart", "andrea-12m", "v1", "v2"})
    seeds.push_back(read_file(Path(ANDREA_SOURCE_DIR) / "configs" / (std::string(name) + ".yaml")));
  seeds.push_back(dump_config(parse_config(seeds[0], "/seed.yaml", {}, Demand::nothing_on_disk)));
  return seeds;
}

void fuzz_one(std::string_view bytes) {
  const Config config = parse_config(bytes, "/fuzz.yaml", {}, Demand::nothing_on_disk);
  must(parse_config(dump_config(config), "/dump.yaml", {}, Demand::nothing_on_disk) == config);
}
