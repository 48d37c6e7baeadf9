#include "base/threads.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "base/error.h"

namespace andrea {
namespace {

// Where OpenMP binds threads, the processors of its places: this thread's own CPU set is one of them.
int cpus_of_openmp() {
  int in_places = 0;
  for (int place = 0; place < omp_get_num_places(); ++place) in_places += omp_get_place_num_procs(place);
  return in_places > 0 ? std::min(in_places, omp_get_num_procs()) : omp_get_num_procs();
}

// cgroup v2: the path of this process is in /proc/self/cgroup as "0::/path"; every level may hold a quota.
int cpus_of_cgroup(int limit) {
  std::ifstream mine("/proc/self/cgroup");
  std::string line;
  while (std::getline(mine, line)) {
    if (line.rfind("0::", 0) != 0) continue;
    for (std::string path = line.substr(3);; path = path.substr(0, path.rfind('/'))) {
      std::ifstream file("/sys/fs/cgroup" + path + "/cpu.max");
      std::string quota;
      double period = 0;
      if (file >> quota >> period && quota != "max" && period > 0)
        limit = std::min(limit, std::max(1, int(std::stod(quota) / period + 0.999)));
      if (path.empty() || path == "/") break;
    }
  }
  return limit;
}

}  // namespace

int usable_cpus() { return std::max(1, cpus_of_cgroup(cpus_of_openmp())); }

void wait_without_spinning(char** argv) {
  for (const char* theirs :
       {"OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "OMP_PROC_BIND", "OMP_PLACES", "GOMP_CPU_AFFINITY"})
    if (std::getenv(theirs)) return;
  if (::setenv("OMP_WAIT_POLICY", "passive", 0) != 0) return;
  std::error_code unknown;  // by its own path, so that it keeps its name in top and pgrep
  const std::string program = std::filesystem::read_symlink("/proc/self/exe", unknown);
  ::execv(program.c_str(), argv);  // comes back only where that cannot be done; then they spin
}

void set_threads(int n) {
  check(n >= 1, "at least one thread");
  omp_set_num_threads(n);
}

int threads() { return omp_get_max_threads(); }

}  // namespace andrea
