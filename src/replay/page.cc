#include "replay/page.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/fields.h"
#include "replay/page_html.h"
#include "replay/show.h"

namespace andrea {
namespace {

constexpr size_t kMostDots = 4000;

// All scores, or of so many that a page cannot show them the lowest and the highest of each part.
std::vector<ScoredSample> thinned(const std::vector<ScoredSample>& scores) {
  if (scores.size() <= kMostDots) return scores;
  std::vector<ScoredSample> kept;
  const size_t parts = kMostDots / 2;
  for (size_t i = 0; i < parts; ++i) {
    const auto begin = scores.begin() + ptrdiff_t(scores.size() * i / parts);
    const auto end = scores.begin() + ptrdiff_t(scores.size() * (i + 1) / parts);
    auto [low, high] = std::minmax_element(
        begin, end, [](const ScoredSample& a, const ScoredSample& b) { return a.total < b.total; });
    if (high < low) std::swap(low, high);
    kept.push_back(*low);
    if (low != high) kept.push_back(*high);
  }
  return kept;
}

Json text_json(const SampleText& text) { return {text.step, text.total, text.judged, text.text}; }

Json page_json(const SourceReport& r) {
  Json json = Json::object();
  json["source"] = r.source, json["format"] = r.format, json["headline"] = headline(r);
  Json& facts = json["facts"] = Json::array();
  for (const auto& [name, value] : report_facts(r)) facts.push_back({name, value});
  json["floor"] = r.gate.floor, json["start_step"] = r.gate.start_step;
  json["first_step"] = r.first_step, json["last_step"] = r.last_step;
  json["halt_step"] = fields::encode(r.halt_step), json["signal_step"] = fields::encode(r.signal_step);
  Json& losses = json["losses"] = Json::array();
  for (const LossBucket& b : r.losses)
    losses.push_back({b.first_step, b.last_step, b.least, b.greatest, b.ema});
  const std::vector<ScoredSample> dots = thinned(r.scores);
  json["thinned"] = dots.size() != r.scores.size();
  Json& scores = json["scores"] = Json::array();
  for (const ScoredSample& s : dots) scores.push_back({s.step, s.total, s.judged});
  Json& texts = json["texts"] = Json::array();
  for (const SampleText& text : r.texts) texts.push_back(text_json(text));
  Json& halted_on = json["halted_on"] = Json::array();
  for (const SampleText& text : r.halted_on) halted_on.push_back(text_json(text));
  json["remarks"] = r.remarks;
  return json;
}

}  // namespace

std::string html_page(const std::vector<SourceReport>& reports) {
  Json data = Json::array();
  for (const SourceReport& report : reports) data.push_back(page_json(report));
  const std::string_view page = page_html();
  const size_t at = page.find(kPageData);
  check(at != std::string_view::npos, "page.html has a place for the reports");
  std::string out(page.substr(0, at));
  // Inside a script element no text may close it: < is written as JSON's escape for it.
  for (const char c : to_line(data)) {
    if (c == '<')
      out += "\\u003c";
    else
      out += c;
  }
  out += page.substr(at + kPageData.size());
  return out;
}

}  // namespace andrea
