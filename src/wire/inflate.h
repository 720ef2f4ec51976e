// One zlib stream (RFC 1950), whole, with an upper bound.
#pragma once

#include <cstddef>

#include "base/bytes.h"
#include "base/result.h"

namespace pigeond::wire {

// malformed: not one complete stream, or bytes behind it. too_large: more than `limit` bytes come out.
Result<Bytes> inflate_all(ByteView compressed, std::size_t limit);

}  // namespace pigeond::wire
