// What a PEM bundle of certificate authorities comes down to for BearSSL: names and public keys.
#pragma once

#include <bearssl.h>

#include <vector>

#include "base/bytes.h"

namespace pigeond::net {

class TrustAnchors {
 public:
  // False, and nothing kept, if the certificate does not parse.
  bool add(ByteView certificate_der);
  // To be called after the last add(): what is below is valid from then on.
  void seal();

  const br_x509_trust_anchor* data() const { return anchors_.data(); }
  std::size_t size() const { return anchors_.size(); }

 private:
  struct Slice {
    std::size_t start = 0, size = 0;
  };
  struct Entry {
    unsigned flags = 0;
    unsigned char key_type = 0;
    int curve = 0;
    Slice name, first, second;  // RSA: modulus, exponent; EC: point
  };
  Slice keep(ByteView data);
  unsigned char* at(Slice slice) { return bytes_.data() + slice.start; }

  std::vector<Entry> entries_;  // until sealed
  Bytes bytes_;                 // of all anchors, one after the other
  std::vector<br_x509_trust_anchor> anchors_;
};

}  // namespace pigeond::net
