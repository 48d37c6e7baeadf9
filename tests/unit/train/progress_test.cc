#include "train/progress.h"

#include <doctest/doctest.h>

using namespace andrea;

TEST_CASE(
    "the beginning of a text on one line: white space is one blank, control characters show as U+FFFD") {
  CHECK(one_line("  The river\n\n\tran ", 20) == "The river ran ");
  CHECK(one_line("\x1b[2Jclear", 20) == "\uFFFD[2Jclear");
  CHECK(one_line("caf\u00e9 \u0085 \xFF", 20) == "caf\u00e9 \uFFFD \uFFFD");
  CHECK(one_line("abcdef", 6) == "abcdef");
  CHECK(one_line("abcdefg", 6) == "abcdef...");
  CHECK(one_line("\u00e9\u00e9\u00e9\u00e9", 3) == "\u00e9\u00e9\u00e9...");
  CHECK(one_line("", 5).empty());
}

TEST_CASE("a sample of white space alone is said to be one") {
  CHECK(shown_sample(" \n\t", 20) == "(white space only)");
  CHECK(shown_sample(" x", 20) == "x");
}

TEST_CASE("durations as people say them") {
  CHECK(spoken_duration(0.4) == "0 s");
  CHECK(spoken_duration(59.6) == "1 min 00 s");
  CHECK(spoken_duration(3599) == "59 min 59 s");
  CHECK(spoken_duration(3600) == "1 h 00 min");
  CHECK(spoken_duration(200 * 3600) == "8 days 8 h");
}
