#include "replay/page.h"

#include <doctest/doctest.h>

#include "base/json.h"

using namespace andrea;

namespace {

// The reports as the page's script finds them.
Json reports_of(const std::string& page) {
  const std::string before = "<script id=\"reports\" type=\"application/json\">", after = "</script>";
  const size_t begin = page.find(before) + before.size();
  REQUIRE(begin > before.size());
  return parse_json(page.substr(begin, page.find(after, begin) - begin), "the page");
}

}  // namespace

TEST_CASE("a page holds the reports whole, whatever the samples say, and loads nothing") {
  SourceReport r;
  r.source = "</script><b>&amp;", r.format = "made";
  r.first_step = 100, r.last_step = 300, r.samples = r.judged = 2, r.points = 3;
  r.scores = {{100, 90, true}, {200, 2.5, false}};
  r.texts = {{100, 90, true, "</script><script>alert(1)</script>"}};
  r.halt_step = 200, r.streak_start = 100, r.saved_steps = 100;
  r.losses = {{100, 200, 2, 2.0, 4.0, 3.5}};
  r.remarks = {"a <remark>"};
  const std::string page = html_page({r, r});
  const Json reports = reports_of(page);
  REQUIRE(reports.size() == 2);
  CHECK(reports[0]["source"] == "</script><b>&amp;");
  CHECK(reports[0]["texts"][0][3] == "</script><script>alert(1)</script>");
  CHECK(reports[0]["scores"] == parse_json("[[100,90.0,true],[200,2.5,false]]", "here"));
  CHECK(reports[0]["losses"] == parse_json("[[100,200,2.0,4.0,3.5]]", "here"));
  CHECK(reports[0]["headline"] ==
        "The gate would have halted at step 200: 5 judged scores in a row under 30, from step 100.");
  CHECK(reports[0]["halt_step"] == 200);
  CHECK(reports[0]["signal_step"].is_null());
  CHECK(reports[0]["thinned"] == false);
  for (const char* outside : {"http://", "https://", "src=", "@import", "url("}) {
    size_t at = page.find(outside);
    if (std::string(outside) == "http://")
      at = page.find(outside, page.find("http://www.w3.org/2000/svg") + 1);
    CHECK_MESSAGE(at == std::string::npos, outside);
  }
}

TEST_CASE("of more scores than a page can show the lowest and the highest of each part stay") {
  SourceReport r;
  for (int64_t i = 0; i < 100000; ++i) r.scores.push_back({i, i == 77777 ? 1.0 : 80.0, true});
  r.samples = r.judged = 100000, r.last_step = 99999;
  const Json report = reports_of(html_page({r}))[0];
  CHECK(report["thinned"] == true);
  CHECK(report["scores"].size() <= 4000);
  int low = 0;
  int64_t before = -1;
  for (const Json& s : report["scores"]) {
    low += s[1] == 1.0;
    CHECK(s[0] > before);
    before = s[0];
  }
  CHECK(low == 1);
}
