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
// first thing in main. Not where the user has said how threads wait, or where they run: a thread that is
// bound to a processor already would pass that on as all there are.
void wait_without_spinning(char** argv);

// For all later parallel loops. n >= 1.
void set_threads(int n);
int threads();

// body(i) for i in [0, n), each once, in any order and on any thread. `body` must not throw: an exception
// cannot leave a parallel region. Each thread begins with a part of its own, the same of every loop over
// the same range, so that the rows that it wrote in one loop are near it in the next; then it helps others.
// Beyond 64 threads several begin with the same part.
template <class Body>
void parallel_for(int64_t n, const Body& body) {
  struct alignas(64) Part {
    int64_t next, end;
  };
  constexpr int kMost = 64;
  const int all = threads(), most = all < kMost ? all : kMost, parts = int(n < most ? n : most);
  if (parts <= 1) {
    for (int64_t i = 0; i < n; ++i) body(i);
    return;
  }
  Part part[kMost];
  for (int p = 0; p < parts; ++p) part[p] = {n * p / parts, n * (p + 1) / parts};
#pragma omp parallel num_threads(all)  // all, though n may be few: the others would end and be made anew
  for (int turn = 0, first = omp_get_thread_num(); turn < parts; ++turn) {
    Part& from = part[(first + turn) % parts];
    for (int64_t i; (i = __atomic_fetch_add(&from.next, 1, __ATOMIC_RELAXED)) < from.end;) body(i);
  }
}

// Inside such a loop: which of threads() this is, from 0 on. For memory that each thread has of its own.
inline int this_thread() { return omp_get_thread_num(); }

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
