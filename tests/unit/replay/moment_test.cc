#include "replay/moment.h"

#include <doctest/doctest.h>

using namespace andrea;

TEST_CASE("moments in the forms that logs have them") {
  const double noon = 1795608000;  // date -u -d '2026-11-25 12:00:00' +%s
  CHECK(moment_of("2026-11-25T12:00:00Z") == noon);
  CHECK(moment_of("2026-11-25 12:00:00") == noon);
  CHECK(moment_of("2026-11-25T13:30:00+01:30") == noon);
  CHECK(moment_of("2026-11-25T07:00:00-0500") == noon);
  CHECK(*moment_of("2026-11-25T12:00:00.250Z") == doctest::Approx(noon + 0.25).epsilon(1e-12));
  CHECK(*moment_of("2026-11-25 12:00:00,125") == doctest::Approx(noon + 0.125).epsilon(1e-12));
  CHECK(moment_of("1970-01-01T00:00:00Z") == 0);
}

TEST_CASE("what is no moment") {
  for (const char* text :
       {"", "2026", "2026-11-25", "2026-13-25T12:00:00Z", "2026-02-30T12:00:00Z", "2026-11-25T25:00:00Z",
        "2026-11-25T12:00:00Zx", "2026-11-25T12:00", "2026-1-25T12:00:00", "+026-11-25T12:00:00"})
    CHECK_MESSAGE(!moment_of(text), text);
}
