// JID: the address of a user, a device, a group or the service itself.
//
//   text form   user[:device]@server     123456789:5@s.whatsapp.net, 4711@lid, 123-456@g.us, s.whatsapp.net
//
// A user has two forms: by phone number (PN, `digits@s.whatsapp.net`) and hidden id (LID, `digits@lid`), with
// the same device numbers on both. Servers that nobody here knows are kept as they came.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "wire/server_name.h"

namespace pigeond::wire {

struct Jid {
  std::string user;  // empty for the bare server
  ServerName server;
  std::uint16_t device = 0;      // 0: the primary device (the phone), or the user as such
  std::uint16_t integrator = 0;  // only for `interop`

  auto operator<=>(const Jid&) const = default;
  bool operator==(const Jid&) const = default;

  bool empty() const { return server.empty(); }
  bool is_pn() const { return server == server::kUser && !user.empty(); }
  bool is_lid() const { return server == server::kLid; }
  bool is_user() const { return is_pn() || is_lid(); }
  bool is_group() const { return server == server::kGroup; }
  bool is_broadcast() const { return server == server::kBroadcast; }
  bool is_status() const { return is_broadcast() && user == "status"; }
  bool is_newsletter() const { return server == server::kNewsletter; }
  bool is_hosted() const { return server == server::kHosted || server == server::kHostedLid || device == 99; }
  bool is_bot() const;

  Jid without_device() const { return {user, server, 0, 0}; }
  Jid with_device(std::uint16_t number) const { return {user, server, number, integrator}; }
  bool same_user(const Jid& other) const { return user == other.user && server == other.server; }

  std::string text() const;  // "user@server", "user:5@server", "server", "integrator-user@interop"
};

Jid pn(std::string user, std::uint16_t device = 0);
Jid lid(std::string user, std::uint16_t device = 0);
Jid service();  // s.whatsapp.net

// Strict: user@server, user:device@server (device 0 to 65535), user.agent:device@server (agent digits are
// dropped for s.whatsapp.net, lid and hosted servers), or a bare server without '@'. nullopt for anything
// else. No control characters.
std::optional<Jid> parse_jid(std::string_view text);

}  // namespace pigeond::wire

template <>
struct std::hash<pigeond::wire::Jid> {
  std::size_t operator()(const pigeond::wire::Jid& jid) const noexcept {
    return std::hash<std::string>{}(jid.user) * 31 + std::hash<std::string_view>{}(jid.server) + jid.device;
  }
};
