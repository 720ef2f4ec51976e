// The check of a server's certificate chain, as BearSSL's engine calls it: BearSSL's own "minimal" validation
// against trust anchors that are loaded only when a chain comes in, iPAddress names on top, or no check at
// all.
#pragma once

#include <bearssl.h>

#include <memory>
#include <optional>
#include <string>

#include "net/network.h"
#include "net/tls/tls_stream.h"

namespace pigeond::net {

class TlsVerifier {
 public:
  TlsVerifier(Network& network, std::string server_name, TlsOptions options);

  const br_x509_class** vtable() { return &slot_.vtable; }
  // Null for IP literals: they do not go into SNI.
  const char* sni() const { return address_ ? nullptr : server_name_.c_str(); }
  // Why a chain was refused, where BearSSL's number does not tell; else empty.
  const std::string& reason() const { return reason_; }

 private:
  struct Slot {
    const br_x509_class* vtable;  // first, as BearSSL wants it
    TlsVerifier* self;
  };
  static TlsVerifier& self(const br_x509_class* const* context);
  static const br_x509_class kClass;

  void start_chain();
  void start_certificate(std::uint32_t length);
  void append(const unsigned char* data, std::size_t size);
  void end_certificate();
  unsigned end_chain();
  const br_x509_pkey* key(unsigned* usages) const;
  Status start_minimal();

  Network& network_;
  std::string server_name_;
  std::optional<Address> address_;
  TlsOptions options_;
  Slot slot_;
  std::string reason_;
  std::shared_ptr<const TrustAnchors> anchors_;
  std::unique_ptr<br_x509_minimal_context> minimal_;
  std::unique_ptr<br_x509_decoder_context> decoder_;  // without verification, for the key alone
  bool in_leaf_ = false;
  bool seen_leaf_ = false;
  Bytes leaf_;  // kept for its iPAddress names only
};

// "certificate has expired", "bad record MAC"...: BearSSL's error numbers and TLS alerts for people.
std::string tls_error_text(int code);

}  // namespace pigeond::net
