// TLS 1.2 (BearSSL) over another stream, as client and as server. An open client holds about 26 KB.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "net/network.h"
#include "net/networks.h"
#include "net/proxy/proxy.h"
#include "net/stream.h"

namespace pigeond::net {

struct TlsOptions {
  std::string ca_file = kSystemCaFile;  // PEM bundle; unused when verify is false
  bool verify = true;                   // chain, validity and name of the server
};

// Takes over `inner`, open or still connecting. `server_name` is the host of the URL: it goes into SNI and is
// checked against the certificate; an IP literal is checked against its iPAddress names.
std::unique_ptr<Stream> tls_client(Network& network, std::unique_ptr<Stream> inner,
                                   const std::string& server_name, const TlsOptions& options);

// A certificate chain with its private key (RSA, or EC on P-256, P-384 or P-521).
class TlsIdentity {
 public:
  struct Data;

  // PEM: the chain, leaf first, and an unencrypted key (PKCS#1, SEC 1 or PKCS#8). tls, naming what is wrong.
  static Result<std::shared_ptr<const TlsIdentity>> parse(std::string_view chain_pem,
                                                          std::string_view key_pem);
  static Result<std::shared_ptr<const TlsIdentity>> load(const std::string& chain_file,
                                                         const std::string& key_file);

  explicit TlsIdentity(std::unique_ptr<Data> data);
  ~TlsIdentity();
  const Data& data() const { return *data_; }

 private:
  std::unique_ptr<Data> data_;
};

// With whose identity a listener serves: with one and the same, or with what is asked for at each connection;
// none: without TLS.
class TlsIdentities {
 public:
  using Ask = std::function<std::shared_ptr<const TlsIdentity>()>;
  TlsIdentities() = default;
  TlsIdentities(std::nullptr_t) {}
  TlsIdentities(std::shared_ptr<const TlsIdentity> one) {
    if (one) ask_ = [one = std::move(one)] { return one; };
  }
  explicit TlsIdentities(Ask ask) : ask_(std::move(ask)) {}

  explicit operator bool() const { return ask_ != nullptr; }
  std::shared_ptr<const TlsIdentity> now() const { return ask_(); }

 private:
  Ask ask_;
};

// on_open follows when the handshake is complete.
std::unique_ptr<Stream> tls_server(Network& network, std::unique_ptr<Stream> inner,
                                   std::shared_ptr<const TlsIdentity> identity);

// TCP, with TLS on top if `secure`: what a URL asks for. `timeout` (ms) covers lookup, connection and
// handshake; `check` as for TcpStream::connect. With a `proxy` it is made through that, or not at all, and
// `check` is of the proxy's addresses.
std::unique_ptr<Stream> connect_stream(Network& network, const std::string& host, std::uint16_t port,
                                       bool secure, const TlsOptions& options, Millis timeout,
                                       AddressCheck check = nullptr, const ProxyRef& proxy = nullptr);

}  // namespace pigeond::net
