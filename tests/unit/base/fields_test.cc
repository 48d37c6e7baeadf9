#include "base/fields.h"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>

#include "base/rng.h"
#include "tests/support/temporary_folder.h"

using namespace andrea;

namespace {

struct Inner {
  int32_t count = 0;
  std::string name;
  bool operator==(const Inner&) const = default;
};
template <class V>
void visit(V& v, Inner& x) {
  v("count", x.count), v("name", x.name);
}

struct Outer {
  bool flag = false;
  int64_t wide = 0;
  uint64_t natural = 0;
  int8_t narrow = 0;
  double real = 0;
  std::string text;
  std::optional<int64_t> maybe;
  std::optional<Inner> maybe_inner;
  std::vector<double> reals;
  std::vector<Inner> inners;
  std::map<std::string, Inner> by_name;
  std::map<std::string, std::vector<std::string>> words;
  Inner inner;
  bool operator==(const Outer&) const = default;
};
template <class V>
void visit(V& v, Outer& x) {
  v("flag", x.flag), v("wide", x.wide), v("natural", x.natural), v("narrow", x.narrow), v("real", x.real);
  v("text", x.text), v("maybe", x.maybe), v("maybe_inner", x.maybe_inner), v("reals", x.reals);
  v("inners", x.inners), v("by_name", x.by_name), v("words", x.words), v("inner", x.inner);
}

Outer full() {
  return {.flag = true,
          .wide = std::numeric_limits<int64_t>::min(),
          .natural = std::numeric_limits<uint64_t>::max(),
          .narrow = -128,
          .real = 0.1,
          .text = "a \"b\"\n\xC3\xA9",
          .maybe = 7,
          .maybe_inner = Inner{3, "x"},
          .reals = {1, -0.5, 1e300},
          .inners = {{1, "one"}, {2, "two"}},
          .by_name = {{"a", {1, "A"}}, {"", {2, "empty"}}},
          .words = {{"w", {"u", "v"}}, {"none", {}}},
          .inner = {-5, "in"}};
}

template <class T>
T through_text(const T& value) {
  return from_json<T>(parse_json(to_line(to_json(value)), "t"), "t");
}

struct Real {
  double x = 0;
};
template <class V>
void visit(V& v, Real& r) {
  v("x", r.x);
}

double through_text(double x) { return through_text(Real{x}).x; }

// The Error when `field` of a full Outer is replaced by `value`.
std::string with(const char* field, const char* value) {
  Json json = to_json(full());
  json[field] = parse_json(value, "t");
  return sentence_of([&] { from_json<Outer>(json, "log:3"); });
}

}  // namespace

TEST_CASE("every known type comes back equal through text; fields stand in the order of visit") {
  CHECK(through_text(full()) == full());
  CHECK(through_text(Outer{}) == Outer{});
  CHECK(
      to_line(to_json(Outer{})) ==
      R"({"flag":false,"wide":0,"natural":0,"narrow":0,"real":0.0,"text":"","maybe":null,"maybe_inner":null,)"
      R"("reals":[],"inners":[],"by_name":{},"words":{},"inner":{"count":0,"name":""}})");
}

TEST_CASE("reading forgets what was there before, and passes over unknown fields") {
  Json json = to_json(Outer{});
  json["unknown"] = "of a newer program";
  Outer value = full();
  fields::decode(json, value, "t");
  CHECK(value == Outer{});
}

TEST_CASE("a missing field is named") {
  const Json whole = to_json(full());
  for (const auto& [key, value] : whole.items()) {
    Json json = whole;
    json.erase(key);
    CHECK(sentence_of([&] { from_json<Outer>(json, "log:3"); }) ==
          "log:3: the field '" + key + "' is missing");
  }
  Json json = to_json(full());
  json["inners"][1].erase("name");
  CHECK(sentence_of([&] { from_json<Outer>(json, "log:3"); }) ==
        "log:3: field 'inners'[1]: the field 'name' is missing");
}

TEST_CASE("a wrong type is named with what was expected") {
  CHECK(with("flag", "1") == "log:3: field 'flag': expected true or false");
  CHECK(with("real", "\"1\"") == "log:3: field 'real': expected a number or null");
  CHECK(with("real", "true") == "log:3: field 'real': expected a number or null");
  CHECK(with("text", "null") == "log:3: field 'text': expected a string");
  CHECK(with("maybe", "\"7\"") == "log:3: field 'maybe': expected a whole number in range");
  CHECK(with("reals", "{}") == "log:3: field 'reals': expected a list");
  CHECK(with("reals", "[1,\"2\"]") == "log:3: field 'reals'[1]: expected a number or null");
  CHECK(with("by_name", "[]") == "log:3: field 'by_name': expected an object");
  CHECK(with("by_name", "{\"k\":{\"count\":true,\"name\":\"\"}}") ==
        "log:3: field 'by_name'.k: field 'count': expected a whole number in range");
  CHECK(with("inner", "3") == "log:3: field 'inner': expected an object");
  CHECK(sentence_of([] { from_json<Outer>(Json::array(), "log:3"); }) == "log:3: expected an object");
}

TEST_CASE("whole numbers out of range or with a fraction are refused, those at the edge are taken") {
  const std::string expected = "expected a whole number in range";
  for (const char* bad : {"128", "-129", "1.0", "1e2", "true", "null", "18446744073709551616"})
    CHECK(with("narrow", bad) == "log:3: field 'narrow': " + expected);
  CHECK(with("wide", "9223372036854775808") == "log:3: field 'wide': " + expected);
  CHECK(with("wide", "-9223372036854775809") == "log:3: field 'wide': " + expected);
  CHECK(with("natural", "-1") == "log:3: field 'natural': " + expected);
  CHECK(with("natural", "18446744073709551616") == "log:3: field 'natural': " + expected);
  for (const char* good : {"127", "-128", "0"}) CHECK(with("narrow", good) == "no error");
  CHECK(with("wide", "9223372036854775807") == "no error");
  CHECK(with("natural", "18446744073709551615") == "no error");
}

TEST_CASE("a number that is not finite is written as null and read as NaN") {
  for (const double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
                           -std::numeric_limits<double>::infinity()}) {
    CHECK(to_line(to_json(Real{bad})) == "{\"x\":null}");
    CHECK(std::isnan(through_text(bad)));
  }
  Outer outer;
  outer.reals = {1, std::numeric_limits<double>::quiet_NaN(), 3};
  const auto reals = through_text(outer).reals;
  CHECK(reals.size() == 3);
  CHECK(std::isnan(reals[1]));
}

TEST_CASE("numbers read back to the same bits") {
  const auto same = [](double x) {
    return std::bit_cast<uint64_t>(through_text(x)) == std::bit_cast<uint64_t>(x);
  };
  using Limits = std::numeric_limits<double>;
  for (const double x :
       {0.0, 0.1, 1.0 / 3, 1e22, 1e23, 9007199254740993.0, 123456789012345678.0, Limits::min(),
        Limits::denorm_min(), 2.2250738585072011e-308, Limits::max(), Limits::epsilon(), 5e-320})
    CHECK_MESSAGE((same(x) && same(-x)), x);
  Rng rng = stream(2026, Purpose::test, 1, 1);
  int different = 0;
  for (int i = 0; i < 100000; ++i) {
    const double any = std::bit_cast<double>(rng.next_u64());  // every exponent alike
    const double subnormal = std::bit_cast<double>(rng.next_u64() >> 12);
    const double loss_like = 10 * rng.uniform();
    const double was_float = double(std::bit_cast<float>(rng.next_u32()));
    for (const double x : {any, subnormal, loss_like, was_float})
      if (std::isfinite(x)) different += !same(x);
  }
  CHECK(different == 0);
}
