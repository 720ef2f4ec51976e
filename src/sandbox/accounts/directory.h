// Who is on WhatsApp and with which devices: usync queries, and the news of a device that comes or goes.
#pragma once

#include <map>
#include <string>

#include "sandbox/world.h"

namespace pigeond::sandbox {

class Mailroom;

class Directory {
 public:
  Directory(World& world, Mailroom& mailroom) : world_(world), mailroom_(mailroom) {}

  // An iq of xmlns `usync`.
  wire::Node handle(const DeviceRef& from, const wire::Node& iq);

  // The account's list changed: tells its companions and every device that was told the list before.
  void changed(const std::string& phone, const Device& device, bool added);
  // The device answered a notification: it knows what that said.
  void acked(const DeviceRef& by, const wire::Node& ack);

 private:
  struct User {
    const Account* account = nullptr;
    wire::Jid asked;  // empty when asked by number
    const wire::Node* node = nullptr;
  };
  User look_up(const wire::Node& user);
  wire::Node answer_user(const DeviceRef& from, const User& user, const wire::Node& query);
  wire::Node devices_node(const Account& account) const;
  void notify(const DeviceRef& to, const Account& account, wire::Node child, Form form,
              std::string_view type);

  World& world_;
  Mailroom& mailroom_;
  struct News {
    std::string phone;
    std::uint64_t version = 0;
  };
  std::map<std::pair<DeviceRef, std::string>, News> news_;  // by receiver and notification id
};

// The devices of an account in that form, the phone first.
std::vector<wire::Jid> device_jids(const Account& account, Form form);

}  // namespace pigeond::sandbox
