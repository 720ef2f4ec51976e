// How many pages a PDF says it has.
#pragma once

#include "media/source.h"

namespace pigeond::media {

// By what stands readable in the first and last 64 KB (ISO 32000-1): /N of a linearized file, else the
// largest /Count of an object of /Type /Pages, which is the root of their tree. 0: unknown, as where objects
// are compressed. Fails by io alone.
Result<std::uint32_t> pdf_pages(Source& source);

}  // namespace pigeond::media
