// The page of page.cc as it stands in page.html, built in.
#pragma once
#include <string_view>

namespace andrea {

std::string_view page_html();  // with kPageData where the reports belong

inline constexpr std::string_view kPageData = "\"the reports\"";

}  // namespace andrea
