// Requests (iq) of paired devices: shared out by xmlns. What nobody here handles is answered with error 501.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "sandbox/accounts/directory.h"
#include "sandbox/accounts/key_server.h"
#include "sandbox/accounts/limits_office.h"
#include "sandbox/accounts/settings.h"
#include "sandbox/groups/groups_office.h"
#include "sandbox/messages/mailroom.h"
#include "sandbox/messages/token_office.h"
#include "sandbox/world.h"

namespace pigeond::sandbox {

struct MediaAccess {
  std::string host, auth;
  std::int64_t lifetime = 0;  // of `auth`, seconds
  std::uint64_t most = 0;     // bytes of a file
  bool fallback = false;      // a second host is named, which is the same
};

class Desk {
 public:
  Desk(World& world, Mailroom& mailroom, KeyServer& keys, Directory& directory, TokenOffice& tokens,
       Settings& settings, const LimitsOffice& limits, GroupsOffice& groups);

  // iq of type get or set. The answer is written before anything that it causes.
  void handle(const DeviceRef& from, const wire::Node& iq);

  void set_media(std::function<MediaAccess(const DeviceRef&)> media) { media_ = std::move(media); }
  // A companion asks to be removed (logout), or its account does.
  void set_removal(std::function<void(const DeviceRef&)> remove) { remove_ = std::move(remove); }

 private:
  using Answer = std::function<wire::Node(const DeviceRef&, const wire::Node&)>;

  wire::Node plain_result(const DeviceRef& from, const wire::Node& iq);
  wire::Node unsupported(const wire::Node& iq);
  wire::Node passive(const DeviceRef& from, const wire::Node& iq);
  wire::Node privacy(const DeviceRef& from, const wire::Node& iq);
  wire::Node picture(const DeviceRef& from, const wire::Node& iq);
  wire::Node companion(const DeviceRef& from, const wire::Node& iq);
  wire::Node app_state(const DeviceRef& from, const wire::Node& iq);
  wire::Node media(const DeviceRef& from, const wire::Node& iq);
  wire::Node mex(const DeviceRef& from, const wire::Node& iq);

  World& world_;
  Mailroom& mailroom_;
  TokenOffice& tokens_;
  Settings& settings_;
  const LimitsOffice& limits_;
  std::map<std::string, Answer> answers_;  // by xmlns
  std::function<void(const DeviceRef&)> remove_;
  std::function<MediaAccess(const DeviceRef&)> media_;
  std::function<void()> afterwards_;  // what the present request causes
};

}  // namespace pigeond::sandbox
