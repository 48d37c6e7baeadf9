#include "replay/columns.h"

#include <doctest/doctest.h>

#include "base/error.h"

using namespace andrea;

using Strings = std::vector<std::string>;

TEST_CASE("--columns") {
  const Columns c = parse_columns("step=global_step,loss=train/loss,text=out=put");
  CHECK(c.step == "global_step");
  CHECK(c.loss == "train/loss");
  CHECK(c.text == "out=put");
  for (const char* wrong : {"step", "step=", "epoch=3", "step=a,,loss=b", "=a"})
    CHECK_THROWS_WITH_AS(parse_columns(wrong), doctest::Contains("is not step=NAME, loss=NAME or text=NAME"),
                         Error);
  CHECK_THROWS_WITH_AS(parse_columns("step=a,step=b"), "--columns step=a,step=b: 'step' is named twice",
                       Error);
  try {
    parse_columns("epoch=3");
  } catch (const Error& error) {
    CHECK(error.exit_code == kExitUsage);
  }
}

TEST_CASE("columns are found by the usual names, or are named") {
  CHECK(resolve_columns({}, {"a", "global_step", "train/loss"}).loss == "train/loss");
  CHECK(resolve_columns({}, {"loss", "step", "iter"}).step == "step");
  CHECK(resolve_columns({"", "b", ""}, {"iter", "b", "loss"}).loss == "b");
  CHECK_THROWS_WITH_AS(resolve_columns({"x", "", ""}, {"a", "b"}), "there is no column 'x'; there are a, b",
                       Error);
  CHECK_THROWS_WITH_AS(resolve_columns({}, {"a", "loss"}), "none of the columns is a step; there are a, loss",
                       Error);
  CHECK_THROWS_WITH_AS(resolve_columns({}, {"step", "b"}),
                       "none of the columns is a loss or a text; there are step, b", Error);
}

TEST_CASE("fields of a CSV line") {
  const auto split = [](std::string_view row) {
    Strings fields{"what", "was", "there", "before", "goes"};
    return split_csv(row, ',', fields) ? std::optional(fields) : std::nullopt;
  };
  CHECK(split("a,b,,c") == Strings{"a", "b", "", "c"});
  CHECK(split("\"a,b\",\"say \"\"no\"\"\"") == Strings{"a,b", "say \"no\""});
  CHECK(split("") == Strings{""});
  CHECK(split("5\" disk,b") == Strings{"5\" disk", "b"});
  CHECK(!split("a,\"b"));
  CHECK(guess_separator("a;b;c,d") == ';');
  CHECK(guess_separator("a\tb") == '\t');
  CHECK(guess_separator("a") == ',');
  CHECK(guess_separator("\"a;b;c\",d") == ',');  // separators in quotes separate nothing
}

TEST_CASE("rows below a header") {
  const RecordReader read = csv_reader("step,loss,text", {});
  std::vector<Observation> out;
  CHECK(read("10,3.5,", out) == Reading::understood);
  CHECK(std::get<LossPoint>(out.at(0)) == LossPoint{10, 3.5, {}});
  CHECK(read("20.0,,\"a, b\"", out) == Reading::understood);
  CHECK(std::get<WrittenSample>(out.at(1)).text == "a, b");
  CHECK(read("30,nan,", out) == Reading::understood);
  CHECK(out.size() == 3);
  CHECK(read("40,,", out) == Reading::passed_over);
  CHECK(read("step,loss,text", out) == Reading::passed_over);
  CHECK(read("", out) == Reading::passed_over);
  for (const char* row : {"50,3.5", "50,3.5,a,b", "x,3.5,", "-5,3.5,", "50,abc,", "50,3.5,\"a"})
    CHECK_MESSAGE(read(row, out) == Reading::not_understood, row);
  CHECK(out.size() == 3);
}

TEST_CASE("a step is a whole number from 0 to 10^15") {
  const RecordReader read = csv_reader("step;loss", {});
  std::vector<Observation> out;
  CHECK(read("1000000000000000;1", out) == Reading::understood);
  for (const char* row :
       {"1000000000000001;1", "9223372036854775807;1", "99999999999999999999;1", "1.5;1", "1e3;1", ";1"})
    CHECK_MESSAGE(read(row, out) == Reading::not_understood, row);
  CHECK(out.size() == 1);
}

TEST_CASE("a first column without a name, as pandas writes it, is neither loss nor text") {
  std::vector<Observation> out;
  CHECK(csv_reader(",step,loss", {})("0,10,3.5", out) == Reading::understood);
  CHECK(csv_reader(",step,text", {})("0,10,word", out) == Reading::understood);
  REQUIRE(out.size() == 2);
  CHECK(std::get<LossPoint>(out[0]) == LossPoint{10, 3.5, {}});
  CHECK(std::get<WrittenSample>(out[1]) == WrittenSample{10, "word"});
}

TEST_CASE("column names that leave a quote open are refused") {
  CHECK_THROWS_WITH_AS(csv_reader("\"step,loss", {}), "the line of column names leaves a quote open", Error);
}
