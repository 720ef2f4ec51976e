// zlib's stream of some bytes, made by zlib itself.
#pragma once

#include <gtest/gtest.h>
#include <zlib.h>

#include "base/bytes.h"

namespace pigeond::test {

inline Bytes deflated(const Bytes& plain) {
  uLongf size = compressBound(plain.size());
  Bytes out(size);
  EXPECT_EQ(compress(out.data(), &size, plain.data(), plain.size()), Z_OK);
  out.resize(size);
  return out;
}

}  // namespace pigeond::test
