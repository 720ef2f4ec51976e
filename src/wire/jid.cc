#include "wire/jid.h"

#include <algorithm>

#include "base/text.h"

namespace pigeond::wire {
namespace {

bool is_plain(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 0x20 || byte == 0x7f;
  });
}

bool has_agents(std::string_view name) {
  return name == server::kUser || name == server::kLid || name == server::kHosted ||
         name == server::kHostedLid;
}

// Takes "user.agent" apart where the agent is a number of one byte; other dots belong to the user.
std::string_view without_agent(std::string_view user) {
  const auto dot = user.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return user;
  const auto agent = parse_unsigned(user.substr(dot + 1));
  return agent && *agent <= 255 ? user.substr(0, dot) : user;
}

}  // namespace

bool Jid::is_bot() const {
  if (server == server::kBot) return true;
  if (!is_pn() || device != 0 || user.size() != 11 || !is_digits(user)) return false;
  return user.starts_with("1313555") || user.starts_with("131655500");
}

std::string Jid::text() const {
  if (user.empty()) return std::string(server);
  std::string out;
  out.reserve(user.size() + server.size() + 13);
  if (integrator != 0) {
    out += std::to_string(integrator);
    out += '-';
  }
  out += user;
  if (device != 0) {
    out += ':';
    out += std::to_string(device);
  }
  out += '@';
  out += server;
  return out;
}

Jid pn(std::string user, std::uint16_t device) {
  return {std::move(user), server::kUser, device, 0};
}
Jid lid(std::string user, std::uint16_t device) {
  return {std::move(user), server::kLid, device, 0};
}
Jid service() {
  return {{}, server::kUser, 0, 0};
}

std::optional<Jid> parse_jid(std::string_view text) {
  if (text.empty() || !is_plain(text)) return std::nullopt;
  const auto at = text.find('@');
  if (at == std::string_view::npos) {
    const ServerName bare(text);
    if (!bare.is_known()) return std::nullopt;
    return Jid{{}, bare, 0, 0};
  }
  std::string_view user = text.substr(0, at);
  const std::string_view host = text.substr(at + 1);
  if (user.empty() || host.empty() || host.find_first_of("@:") != std::string_view::npos) return std::nullopt;
  std::uint16_t device = 0;
  if (const auto colon = user.find(':'); colon != std::string_view::npos) {
    const auto number = parse_unsigned(user.substr(colon + 1));
    if (!number || *number > 65535) return std::nullopt;
    device = static_cast<std::uint16_t>(*number);
    user = user.substr(0, colon);
    if (has_agents(host)) user = without_agent(user);
    if (user.empty()) return std::nullopt;
  }
  std::uint16_t integrator = 0;
  if (const auto dash = user.find('-'); host == server::kInterop && dash != std::string_view::npos) {
    const auto number = parse_unsigned(user.substr(0, dash));
    if (!number || *number > 65535 || dash + 1 == user.size()) return std::nullopt;
    integrator = static_cast<std::uint16_t>(*number);
    user = user.substr(dash + 1);
  }
  return Jid{std::string(user), host, device, integrator};
}

}  // namespace pigeond::wire
