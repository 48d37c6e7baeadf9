// A report as one page for a browser: loss, EMA and scores over the same steps, samples where the pointer is.
#pragma once
#include <string>
#include <vector>

#include "replay/report.h"

namespace andrea {

// A whole HTML document that loads nothing from elsewhere; light or dark as the reader's system is.
std::string html_page(const std::vector<SourceReport>& reports);

}  // namespace andrea
