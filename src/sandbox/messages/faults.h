// Misbehaviour on demand.
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>

#include "sandbox/model.h"

namespace pigeond::sandbox {

enum class FaultKind {
  ack_error,                 // a message is refused: its ack carries `code`
  token_required,            // a message without a good privacy token is refused: its ack carries 463
  no_ack,                    // a message is delivered, its ack is not sent
  drop,                      // a message is delivered, then the link is cut instead of the ack
  garbled,                   // a message reaches `device` of `account` in a form that it can't decrypt
  unavailable,               // a message reaches `device` of `account` without its content; `type` says how
  withheld,                  // as unavailable; its content follows when the device logs in, or is released
  unannounced,               // nobody is told of the next device that is linked to `account`
  incapable,                 // the phone of `account` has received a message, and can't take it by LID
  resend_unanswered,         // the phone of `account` does not answer a companion that asks it for a message
  silence,                   // nothing is answered or delivered any more, pings included
  stream_error,              // the next stanza is answered with <stream:error code>
  logout,                    // the device is removed from its account
  forged_certificate,        // the next handshake shows a chain with a wrong signature
  forged_account_signature,  // the next pairing carries an account signature by somebody else
  media_gone,                // a file is not there any more: `code`, or 404
  media_cut,                 // the connection breaks in the middle of a file
  media_wrong,               // a file has another byte than it was uploaded with
  media_slow,                // a file comes or goes with `rate` bytes per second
  media_refused,             // a media server answers `code`: 429, 500, 503, 507...
  media_auth,                // an upload's auth is over: 401, until its device has asked for another
  forged_signed_pre_key,     // the next bundles carry a signed pre-key with a wrong signature
  code_throttled,            // the next request for a pairing code is refused with `code`: 429, or else 400
  code_finish_refused,       // the last step of linking by a code is answered with an error
  forged_device_identity,  // the next bundles of companions have keys for which their account does not vouch
};

std::string_view fault_name(FaultKind kind);
std::optional<FaultKind> parse_fault_kind(std::string_view name);

struct Fault {
  std::uint64_t id = 0;
  FaultKind kind = FaultKind::ack_error;
  std::string account;                  // phone number; empty: any
  std::optional<std::uint16_t> device;  // absent: any
  std::string to;                       // phone number of the other side; empty: any
  std::optional<Form> form;             // in which the message is addressed; absent: any
  int code = 0;
  std::string type;  // of unavailable and withheld; see router.h
  // Of files: "up" strikes uploads, "down" downloads, of the files that `account` has uploaded or of the
  // histories that it reads. Empty: gone, cut and wrong are of downloads alone, the others of both.
  std::string way = {};
  std::uint64_t rate = 0;              // bytes per second
  std::optional<std::uint64_t> count;  // how often it still strikes; absent: always
  bool until_reconnect = false;        // gone when the device it struck connects again
};

class Faults {
 public:
  std::uint64_t add(Fault fault);
  bool remove(std::uint64_t id);
  void clear() { faults_.clear(); }
  const std::list<Fault>& all() const { return faults_; }

  // The first fault of that kind that fits; its count goes down. `from` may be unknown before login.
  std::optional<Fault> strike(FaultKind kind, const DeviceRef* from, const std::string& to = {},
                              std::optional<Form> form = std::nullopt);
  // The same of a file. up: it is uploaded.
  std::optional<Fault> strike_media(FaultKind kind, const DeviceRef* owner, bool up);
  void reconnected(const DeviceRef& device);

 private:
  template <typename Fits>
  std::optional<Fault> strike_first(const Fits& fits);

  std::uint64_t next_id_ = 1;
  std::list<Fault> faults_;
};

}  // namespace pigeond::sandbox
