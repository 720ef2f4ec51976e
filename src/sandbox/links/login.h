// A paired device's return: who it says it is, against what is known.
#pragma once

#include <variant>

#include "sandbox/world.h"
#include "wire/proto.h"

namespace pigeond::sandbox {

// The number that <failure reason> carries.
struct LoginFailure {
  int reason = 0;
};

// True if the version in the payload is older than ClientPolicy::login.
bool is_outdated(const World& world, const wa_ClientPayload& payload);

std::variant<DeviceRef, LoginFailure> check_login(World& world, const wa_ClientPayload& payload,
                                                  const Key32& noise_key);

wire::Node failure_node(const LoginFailure& failure);
wire::Node success_node(World& world, const DeviceRef& who);
// <ib><client_expiration t/></ib>, as whatsapp-rust reads it (handlers/ib.rs): the day after which the
// service refuses this version; without `t` the announcement is taken back.
wire::Node expiration_node(const ClientPolicy& policy);

}  // namespace pigeond::sandbox
