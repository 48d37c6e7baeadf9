#include "kernels/isa.h"

#include <doctest/doctest.h>

#include <set>
#include <stdexcept>

using namespace andrea;

TEST_CASE(
    "the portable instructions and the model are always there, each has a name of its own, and what is set "
    "is used") {
  const Isa before = isa();
  const std::vector<Isa> usable = usable_isas();
  CHECK(usable[0] == Isa::amx_model);
  CHECK(usable[1] == Isa::portable);
  std::set<std::string> names;
  for (const Isa one : usable) {
    set_isa(one);
    CHECK(isa() == one);
    names.insert(name_of(one));
  }
  CHECK(names.size() == usable.size());
  CHECK(names.count("") == 0);
  if (usable.back() != Isa::amx) CHECK_THROWS_AS(set_isa(Isa::amx), std::logic_error);
  set_isa(before);
}
