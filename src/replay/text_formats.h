// The lines that other trainers print. Each format is one pure function over one line. LossPoint.step is -1
// where the line names no step: the caller numbers such points itself.
#pragma once
#include <span>

#include "replay/observation.h"

namespace andrea {

struct TextFormat {
  const char* name;  // for people: "llm.c main.log"
  Reading (*read)(std::string_view line, std::vector<Observation>& out);
};

// In the order in which they are tried; the last ones are the loosest. A format is detected when it
// understands more of the first lines of a file than any before it.
std::span<const TextFormat> text_formats();

}  // namespace andrea
