#include "net/http/peer.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "base/bytes.h"

namespace pigeond::net {

HttpPeer http_peer(std::string_view stream_peer) {
  std::string host(stream_peer.substr(0, std::min(stream_peer.rfind(':'), stream_peer.size())));
  if (host.size() >= 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  constexpr std::string_view kMapped = "::ffff:";
  if (host.starts_with(kMapped) && host.find('.') != std::string::npos) host.erase(0, kMapped.size());
  HttpPeer peer{host, host};
  std::array<unsigned char, 16> bytes{};
  if (::inet_pton(AF_INET6, host.c_str(), bytes.data()) != 1) return peer;
  std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(AF_INET6, bytes.data(), text.data(), text.size());
  peer.network = std::string(text.data()) + "/64";
  return peer;
}

}  // namespace pigeond::net
