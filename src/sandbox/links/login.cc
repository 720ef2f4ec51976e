#include "sandbox/links/login.h"

namespace pigeond::sandbox {

bool is_outdated(const World& world, const wa_ClientPayload& payload) {
  return payload.userAgent.appVersion.tertiary < world.policy.clients.login;
}

std::variant<DeviceRef, LoginFailure> check_login(World& world, const wa_ClientPayload& payload,
                                                  const Key32& noise_key) {
  if (is_outdated(world, payload)) return LoginFailure{405};
  const DeviceRef who{std::to_string(payload.username), static_cast<std::uint16_t>(payload.device)};
  if (!payload.has_device || payload.device == 0 || payload.device > 0xffff) {
    world.violation("login-payload", &who, "device is missing or 0", nullptr);
    return LoginFailure{400};
  }
  const Device* device = world.device(who);
  if (device == nullptr) return LoginFailure{401};
  if (device->noise_key != noise_key) {
    world.violation("login-key", &who, "the Noise key is not the one this device was paired with", nullptr);
    return LoginFailure{401};
  }
  return who;
}

wire::Node failure_node(const LoginFailure& failure) {
  wire::Node node("failure");
  node.set("reason", static_cast<std::uint64_t>(failure.reason)).set("location", "sandbox");
  return node;
}

wire::Node success_node(World& world, const DeviceRef& who) {
  const Account* account = world.account(who.phone);
  wire::Node node("success");
  node.set("t", static_cast<std::uint64_t>(world.now.unix_seconds()))
      .set("props", "1")
      .set("abprops", "1")
      .set("group_abprops", "1")
      .set("location", "sandbox");
  if (account == nullptr) return node;
  node.set("creation", static_cast<std::uint64_t>(account->created))
      .set("lid", account->jid(Form::lid, who.number))
      .set("display_name", account->name);
  return node;
}

wire::Node expiration_node(const ClientPolicy& policy) {
  wire::Node expiration("client_expiration"), ib("ib");
  if (policy.expires) expiration.set("t", static_cast<std::uint64_t>(*policy.expires));
  ib.set("from", wire::service()).add(std::move(expiration));
  return ib;
}

}  // namespace pigeond::sandbox
