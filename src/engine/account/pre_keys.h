// The keys that let others write to us while we are away: one-time pre-keys kept in stock on the server, the
// signed pre-key renewed, and what the server has compared with what is stored here.
//
// Keys are stored before they are sent, and count as uploaded only after the server's answer. One job at a
// time.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <vector>

#include "crypto/hash.h"
#include "engine/context.h"
#include "engine/link/reconnect.h"
#include "engine/link/stanzas.h"
#include "store/account/signal_rows.h"
#include "wire/node.h"

namespace pigeond::engine {

// SHA-1 over identity || signed pre-key || its signature || the one-time keys, all public, in the server's
// order: 20 bytes.
class PreKeyDigest {
 public:
  PreKeyDigest(const Key32& identity, const store::SignedPreKeyRow& signed_pre_key);
  void add(const Key32& one_time_key) { hash_.update(one_time_key); }
  std::array<std::uint8_t, 20> finish() const { return hash_.finish(); }

 private:
  crypto::Sha1 hash_;
};

class PreKeys {
 public:
  PreKeys(Context& context, Stanzas& stanzas) : context_(context), stanzas_(stanzas) {}

  // After <success>, before <active/>: asks how many are left, uploads when there are too few. `ready` comes
  // once: when the server has keys of ours (from now or before), or with the error that ends this link. A
  // first upload that is refused is tried again, with growing delays, and `ready` waits for it.
  void login(std::function<void(Status)> ready);

  // Once online: compares the digest, renews the signed pre-key when it is due.
  void online();

  // <notification type="encrypt"> with <count> or <digest>. False: another one.
  bool notification(const wire::Node& node);

  void link_down();
  void wake();
  std::optional<Millis> next_wake() const;

 private:
  enum class Job { none, count, upload, digest, rotate };

  void count();
  void counted(std::uint64_t on_server);
  void refill();
  void upload(std::size_t wanted);
  void uploaded(const std::vector<std::uint32_t>& ids, Result<wire::Node> answer);
  void upload_failed(const Error& why);
  std::vector<store::PreKeyRow> stock(std::size_t wanted);
  void check_digest();
  void digest_answered(const Result<wire::Node>& answer);
  struct Difference {
    std::string what;
    bool of_stock = false;  // identity and signed pre-key are right, and one-time keys differ
  };
  std::optional<Difference> digest_difference(const wire::Node& digest);
  void repair(const Difference& difference);
  void rotate_if_due();
  void rotated(const store::SignedPreKeyRow& key, const Result<wire::Node>& answer);
  void plan_rotation();
  void finish(Status status);
  bool ends_link(const Error& why) const;
  store::SignalRows rows() { return {context_.database, context_.session}; }
  std::optional<store::SignedPreKeyRow> current_signed_pre_key();
  void save() { store::CredentialsTable(context_.database, context_.session).save(context_.credentials); }

  Context& context_;
  Stanzas& stanzas_;
  std::function<void(Status)> ready_;
  Job job_ = Job::none;
  std::size_t wanted_ = 0;        // of the upload that runs or waits
  bool digest_wanted_ = false;    // asked for while another job ran
  bool refill_wanted_ = false;    // warned of few keys while another job ran
  bool digest_repaired_ = false;  // a digest has led to an upload on this link already
  Backoff backoff_{610 * kSecond};
  std::optional<Millis> retry_at_;   // mono
  std::optional<Millis> rotate_at_;  // mono
};

}  // namespace pigeond::engine
