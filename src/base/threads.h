// The one owner of parallelism. Work is split by shape, never by thread: a loop hands out the same pieces
// whatever the number of threads, and each piece is computed by one thread, so results do not depend on it.
#pragma once
#include <omp.h>

#include <cstdint>

namespace andrea {

// Processors this process may use: its CPU set, and the cgroup's CPU quota rounded up. At least 1.
int usable_cpus();

// Lets threads that wait sleep instead of spin, which costs nothing on a quiet machine and much beside other
// work (docs/performance.md). OpenMP reads this when it is loaded, so the program starts itself anew once,
// first thing in main; a user's own OMP_WAIT_POLICY or GOMP_SPINCOUNT stays.
void wait_without_spinning(char** argv);

// For all later parallel loops. n >= 1.
void set_threads(int n);
int threads();

// body(i) for i in [0, n), each once, in any order and on any thread. `body` must not throw: an exception
// cannot leave a parallel region.
template <class Body>
void parallel_for(int64_t n, const Body& body) {
  if (n == 1) return body(int64_t{0});
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads())
  for (int64_t i = 0; i < n; ++i) body(i);
}

// For cheap loops over memory: body(begin, end) over fixed pieces of `piece` elements (the last may be
// shorter).
template <class Body>
void parallel_pieces(int64_t n, int64_t piece, const Body& body) {
  parallel_for((n + piece - 1) / piece, [&](int64_t i) {
    const int64_t begin = i * piece;
    body(begin, begin + piece < n ? begin + piece : n);
  });
}

}  // namespace andrea
