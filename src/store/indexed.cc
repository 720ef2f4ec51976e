#include "store/indexed.h"

#include "base/text.h"
#include "crypto/hash.h"

namespace pigeond::store {

std::string indexed(std::string_view text) {
  if (text.size() <= kIndexedText) return std::string(text);
  return "sha256:" + hex_lower(crypto::sha256(as_bytes(text)));
}

}  // namespace pigeond::store
