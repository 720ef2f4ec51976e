// IP networks in CIDR notation, and rules made of them: where connections may go.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/address.h"

namespace pigeond::net {

// Networks of both families. An IPv4 address counts as such in whichever form it is written: mapped
// (::ffff:a.b.c.d), translated (64:ff9b::a.b.c.d, RFC 6052) and 6to4 (2002:AABB:CCDD::) ones are looked up as
// a.b.c.d too. 0.0.0.0 and ::, to which a connection reaches this machine, count as its loopback addresses as
// well.
class NetworkSet {
 public:
  // "10.0.0.0/8, fe80::/10, 192.0.2.1": separated by commas or blanks; bits below the prefix are ignored. At
  // most limits::kNetworks. bad_input, naming the entry.
  static Result<NetworkSet> parse(std::string_view list);

  bool empty() const { return networks_.empty(); }
  // The network that holds the address, as it was written; "": none does.
  std::string find(const Address& address) const;

 private:
  using Ip = std::array<std::uint8_t, 16>;  // IPv4 as ::ffff:a.b.c.d
  struct Network {
    Ip ip{};
    int bits = 0;  // of 128
    std::string text;
  };
  static std::vector<Ip> forms(const Address& address);

  std::vector<Network> networks_;
};

struct NetworkRules {
  NetworkSet allow;  // empty: all
  NetworkSet deny;   // wins over `allow`

  // network_denied, naming the address and the rule.
  Status check(const Address& address) const;
};

// What may be connected to, asked for each resolved address before a socket is made. Empty: anything.
using AddressCheck = std::function<Status(const Address&)>;

}  // namespace pigeond::net
