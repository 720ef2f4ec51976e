// The inside of TlsIdentity, for the TLS server.
#pragma once

#include <bearssl.h>

#include <vector>

#include "base/bytes.h"
#include "net/tls/tls_stream.h"

namespace pigeond::net {

struct TlsIdentity::Data {
  std::vector<Bytes> certificates;
  std::vector<br_x509_certificate> chain;  // views of the above
  unsigned issuer_key_type = 0;            // BR_KEYTYPE_*: who signed the leaf
  br_skey_decoder_context key;             // owns the decoded key
};

}  // namespace pigeond::net
