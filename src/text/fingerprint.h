// What a text is, whatever it is called and whenever it was written.
#pragma once
#include <cstdint>
#include <functional>

#include "base/checksum.h"
#include "text/documents.h"

namespace andrea {

// A hash over, for each file in order, its bytes, its length and how it is split into documents. Reads every
// file once, in bounded memory, and fills in what find_files() could not know. Error when one cannot be read.
Hash128 text_fingerprint(Source& source, const std::function<void(uint64_t bytes_read)>& on_progress = {});

}  // namespace andrea
