// Trust anchors from PEM bundles. They are read when a handshake needs them and freed after the last one that
// does: the system's bundle is some 100 KB that an idle connection has no use for.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/result.h"

namespace pigeond::net {

inline constexpr const char* kSystemCaFile = "/etc/ssl/certs/ca-certificates.crt";

class TrustAnchors;  // net/tls/trust_anchors.h; BearSSL's types stay there

class TrustStore {
 public:
  // Certificates that do not parse are skipped. tls, naming the file: unreadable, or no certificate in it.
  Result<std::shared_ptr<const TrustAnchors>> load(const std::string& pem_file);

 private:
  std::map<std::string, std::weak_ptr<const TrustAnchors>> loaded_;
};

}  // namespace pigeond::net
