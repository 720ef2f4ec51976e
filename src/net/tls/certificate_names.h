// BearSSL checks dNSName entries of a certificate, not iPAddress ones (RFC 5280 section 4.2.1.6).
#pragma once

#include "base/bytes.h"

namespace pigeond::net {

// Whether the DER certificate's subjectAltName has that address (4 or 16 bytes, network order). The
// certificate's signature has to be checked elsewhere. Malformed input: false.
bool certificate_has_ip(ByteView certificate_der, ByteView address);

}  // namespace pigeond::net
