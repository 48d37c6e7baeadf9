#include "base/threads.h"

#include <doctest/doctest.h>
#include <pthread.h>
#include <sched.h>

#include <atomic>
#include <stdexcept>
#include <vector>

using namespace andrea;

namespace {

struct RestoreThreads {
  const int before = threads();
  ~RestoreThreads() { set_threads(before); }
};

}  // namespace

TEST_CASE("usable_cpus: at least one, never more than the CPU set") {
  cpu_set_t all;
  CPU_ZERO(&all);
  REQUIRE(::sched_getaffinity(0, sizeof all, &all) == 0);
  CHECK(usable_cpus() >= 1);
  CHECK(usable_cpus() <= CPU_COUNT(&all));
  int first = 0;
  while (!CPU_ISSET(first, &all)) ++first;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(first, &one);
  REQUIRE(::sched_setaffinity(0, sizeof one, &one) == 0);
  const int narrowed = usable_cpus();
  REQUIRE(::sched_setaffinity(0, sizeof all, &all) == 0);
  CHECK(narrowed == 1);
}

TEST_CASE("set_threads: what is set is what is used") {
  const RestoreThreads restore;
  for (const int n : {1, 2, 3}) {
    set_threads(n);
    CHECK(threads() == n);
    std::atomic<int> team{0};
    parallel_for(10, [&](int64_t) { team = omp_get_num_threads(); });
    CHECK(team == n);
  }
  CHECK_THROWS_AS(set_threads(0), std::logic_error);
}

TEST_CASE("a loop of few does not end the threads that it does not need") {
  const RestoreThreads restore;
  set_threads(4);
  const auto team = [] {
    std::vector<pthread_t> ids(4);
#pragma omp parallel num_threads(4)
    ids.at(size_t(this_thread())) = ::pthread_self();
    return ids;
  };
  const auto before = team();
  parallel_for(2, [](int64_t) {});
  CHECK(team() == before);
}

TEST_CASE("parallel_for calls each index once, for any number of threads") {
  const RestoreThreads restore;
  for (const int n_threads : {1, 2, 4, 70})  // 64 is the most parts that a loop is cut into
    for (const int64_t n : {0, 1, 2, 3, 65, 1000}) {
      set_threads(n_threads);
      std::vector<std::atomic<int>> calls(static_cast<size_t>(n));
      parallel_for(n, [&](int64_t i) { ++calls.at(size_t(i)); });
      bool once = true;
      for (const auto& count : calls) once = once && count == 1;
      CHECK(once);
    }
}

TEST_CASE("parallel_pieces covers every element once, in the same pieces for any number of threads") {
  const RestoreThreads restore;
  for (const int n_threads : {1, 2, 4})
    for (const int64_t n : {0, 1, 63, 64, 65, 1000})
      for (const int64_t piece : {1, 7, 64, 2000}) {
        set_threads(n_threads);
        std::vector<std::atomic<int>> covered(static_cast<size_t>(n));
        std::atomic<int64_t> pieces{0}, misplaced{0};
        parallel_pieces(n, piece, [&](int64_t begin, int64_t end) {
          ++pieces;
          misplaced += begin % piece != 0 || end <= begin || (end - begin != piece && end != n);
          for (int64_t i = begin; i < end; ++i) ++covered.at(size_t(i));
        });
        bool once = true;
        for (const auto& count : covered) once = once && count == 1;
        CHECK(once);
        CHECK(pieces == (n + piece - 1) / piece);
        CHECK(misplaced == 0);
      }
}
