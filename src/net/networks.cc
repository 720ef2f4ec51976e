#include "net/networks.h"

#include <netinet/in.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "base/limits.h"
#include "base/text.h"

namespace pigeond::net {
namespace {

using Ip = std::array<std::uint8_t, 16>;
constexpr int kMapped = 96;  // bits before an IPv4 address in its mapped form
constexpr Ip kLoopback6 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

Ip mapped(const std::uint8_t* v4) {
  Ip ip{};
  ip[10] = ip[11] = 0xff;
  std::copy_n(v4, 4, ip.begin() + 12);
  return ip;
}

bool is_mapped(const Ip& ip) {
  return std::all_of(ip.begin(), ip.begin() + 10, [](std::uint8_t byte) { return byte == 0; }) &&
         ip[10] == 0xff && ip[11] == 0xff;
}

std::optional<Ip> ip_of(const Address& address) {
  Ip ip{};
  if (address.get()->sa_family == AF_INET) {
    return mapped(reinterpret_cast<const std::uint8_t*>(
        &reinterpret_cast<const sockaddr_in*>(address.get())->sin_addr));
  }
  if (address.get()->sa_family != AF_INET6) return std::nullopt;
  std::memcpy(ip.data(), &reinterpret_cast<const sockaddr_in6*>(address.get())->sin6_addr, ip.size());
  return ip;
}

bool holds(const Ip& network, int bits, const Ip& ip) {
  const auto whole = static_cast<std::size_t>(bits / 8);
  if (!std::equal(network.begin(), network.begin() + bits / 8, ip.begin())) return false;
  if (bits % 8 == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xff << (8 - bits % 8));
  return ((network[whole] ^ ip[whole]) & mask) == 0;
}

}  // namespace

Result<NetworkSet> NetworkSet::parse(std::string_view list) {
  NetworkSet set;
  const auto is_separator = [](char c) { return c == ',' || c == ' ' || c == '\t'; };
  while (true) {
    while (!list.empty() && is_separator(list.front())) list.remove_prefix(1);
    if (list.empty()) return set;
    const auto size =
        static_cast<std::size_t>(std::find_if(list.begin(), list.end(), is_separator) - list.begin());
    Network network;
    network.text = list.substr(0, size);
    list.remove_prefix(size);
    const std::string_view text = network.text;
    const std::size_t slash = text.find('/');
    const auto address = parse_ip(text.substr(0, slash), 0);
    const auto ip = address ? ip_of(*address) : std::nullopt;
    if (!ip) return fail(Cause::bad_input, network.text + " is not a network (as 10.0.0.0/8 or fe80::/10)");
    const bool v4 = address->get()->sa_family == AF_INET;
    const int width = v4 ? 32 : 128;
    network.ip = *ip;
    network.bits = width;
    if (slash != std::string_view::npos) {
      const auto bits = parse_unsigned(text.substr(slash + 1));
      if (!bits || *bits > static_cast<std::uint64_t>(width))
        return fail(Cause::bad_input,
                    network.text + " has a prefix that is not 0 to " + std::to_string(width));
      network.bits = static_cast<int>(*bits);
    }
    if (v4) network.bits += kMapped;
    if (set.networks_.size() == limits::kNetworks) return fail(Cause::bad_input, "too many networks");
    set.networks_.push_back(std::move(network));
  }
}

std::vector<Ip> NetworkSet::forms(const Address& address) {
  const auto ip = ip_of(address);
  if (!ip) return {};
  constexpr Ip kTranslated = {0x00, 0x64, 0xff, 0x9b};
  constexpr std::uint8_t kAny[4] = {0, 0, 0, 0}, kLoopback[4] = {127, 0, 0, 1};
  std::vector<Ip> out = {*ip};
  if (holds(kTranslated, 96, *ip)) out.push_back(mapped(ip->data() + 12));
  if ((*ip)[0] == 0x20 && (*ip)[1] == 0x02) out.push_back(mapped(ip->data() + 2));
  if (*ip == mapped(kAny)) out.push_back(mapped(kLoopback));
  if (*ip == Ip{}) out.push_back(kLoopback6);
  return out;
}

std::string NetworkSet::find(const Address& address) const {
  for (const Ip& ip : forms(address)) {
    for (const Network& network : networks_) {
      // "::/0" means IPv6: the mapped form of an IPv4 address is no address of its own.
      if (network.bits < kMapped && is_mapped(ip)) continue;
      if (holds(network.ip, network.bits, ip)) return network.text;
    }
  }
  return {};
}

Status NetworkRules::check(const Address& address) const {
  std::string ip = address.text();
  ip.resize(ip.rfind(':') == std::string::npos ? ip.size() : ip.rfind(':'));
  if (const auto network = deny.find(address); !network.empty())
    return fail(Cause::network_denied, ip + " is in a denied network, " + network);
  if (!allow.empty() && allow.find(address).empty())
    return fail(Cause::network_denied, ip + " is in no allowed network");
  return {};
}

}  // namespace pigeond::net
