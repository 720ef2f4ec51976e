// PEM files (RFC 7468), read piece by piece.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace pigeond::net {

struct PemObject {
  std::string name;  // "CERTIFICATE", "PRIVATE KEY"...
  Bytes der;
};

// Called for each object in the file; text around them is ignored.
using PemSink = std::function<void(PemObject)>;

// malformed: an object that is not Base64, larger than 64 KiB or without an end.
Status parse_pem(ByteView text, const PemSink& sink);
// The same, without ever holding the file in memory. io, naming the file.
Status parse_pem_file(const std::string& path, const PemSink& sink);

}  // namespace pigeond::net
