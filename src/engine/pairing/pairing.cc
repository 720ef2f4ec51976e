#include "engine/pairing/pairing.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "engine/link/acks.h"
#include "engine/pairing/companion.h"
#include "store/account/lid_mappings.h"
#include "store/account/signal_rows.h"
#include "store/messages/outbox.h"
#include "wire/proto_stream.h"

namespace pigeond::engine {
namespace {

constexpr Millis kFirstCode = 60 * kSecond;  // whatsmeow's and Baileys' times
constexpr Millis kNextCode = 20 * kSecond;
constexpr int kSets = 3;
constexpr std::size_t kRefs = 16;             // the server sends 6
constexpr std::size_t kRefSize = 512;         // bytes
constexpr std::size_t kDeviceIdentity = 500;  // bytes
constexpr std::size_t kName = 256;            // bytes of a platform's or business' name
constexpr Millis kFresh = 30 * kSecond;       // a link that can still see a code through
constexpr Millis kNewLink = 30 * kSecond;     // a code that is asked for waits so long for a link

wire::Node result_for(const wire::Node& iq) {
  return wire::Node("iq").set("to", wire::service()).set("type", "result").set("id", iq.attr("id"));
}

// Of ClientPairingProps (whatsmeow waCompanionReg): 1 isChatDbLidMigrated. What makes no sense says nothing.
bool says_migrated(const wire::Node* client_props) {
  struct Reader final : wire::ProtoVisitor {
    bool migrated = false;
    Wish wish(Path) override { return Wish::skip; }
    void number(Path path, std::uint64_t value) override {
      migrated = migrated || (path[0] == 1 && value != 0);
    }
    void bytes(Path, ByteView) override {}
    void left(Path, bool) override {}
  };
  if (client_props == nullptr) return false;
  Reader reader;
  wire::ProtoStream stream(reader);
  return stream.feed(client_props->bytes()) && stream.end() && reader.migrated;
}

std::string short_name(const wire::Node* node) {
  const std::string name = node ? node->attr("name") : "";
  return name.size() <= kName && is_valid_utf8(name) ? name : "";
}

}  // namespace

std::string qr_text(const std::string& ref, const Key32& noise_public, const Key32& identity_public,
                    const Key32& adv_secret, std::string_view platform) {
  return "https://wa.me/settings/linked_devices#" + ref + "," + base64(noise_public) + "," +
         base64(identity_public) + "," + base64(adv_secret) + "," + std::string(platform);
}

bool Pairing::pair_device(const wire::Node& iq) {
  stanzas_.send(result_for(iq));
  refs_.clear();
  iq.child("pair-device")->each("ref", [this](const wire::Node& node) {
    const std::string ref = node.text();
    const bool usable =
        !ref.empty() && ref.size() <= kRefSize && ref.find(',') == std::string::npos && is_valid_utf8(ref);
    if (usable && refs_.size() < kRefs) refs_.push_back(ref);
  });
  index_ = 0;
  shown_since_ = context_.now.mono;
  if (refs_.empty()) return false;
  show();
  if (auto wanted = std::exchange(wanted_, std::nullopt); wanted && context_.now.mono < wanted->until)
    code_.request(wanted->phone, std::move(wanted->answered));
  return true;
}

void Pairing::request_code(const std::string& phone, Answered<LinkCode> answered) {
  if (auto status = CodePairing::check_phone(phone); !status) return answered(status.error());
  if (refs_.empty()) return answered(fail(Cause::not_linked, "no link is there to make a code on"));
  if (passkey_.live())
    return answered(fail(Cause::not_linked, "the account is being linked, and waits for its passkey"));
  restart();
  passkey_.forget_trouble();
  if (context_.now.mono - shown_since_ < kFresh) return code_.request(phone, std::move(answered));
  if (wanted_) wanted_->answered(fail(Cause::cancelled, "another code was asked for"));
  wanted_ = Wanted{phone, std::move(answered), context_.now.mono + kNewLink};
}

void Pairing::show() {
  const auto& credentials = context_.credentials;
  QrShown shown;
  shown.text = qr_text(refs_[index_], credentials.noise.pub, credentials.identity.pub, credentials.adv_secret,
                       kCompanionPlatform);
  shown.expires = context_.now.mono + (index_ == 0 ? kFirstCode : kNextCode);
  shown.index = static_cast<int>(index_);
  log::info("QR shown", {{"session", context_.session_name},
                         {"code", std::to_string(index_ + 1) + "/" + std::to_string(refs_.size())},
                         {"set", std::to_string(sets_shown_ + 1) + "/" + std::to_string(kSets)}});
  qr_ = shown;
  context_.emit(std::move(shown));
}

bool Pairing::notification(const wire::Node& notification) {
  const bool refreshes = notification.is("type", "companion_reg_refresh");
  const bool passkey = !refs_.empty() && passkey_.notification(notification);
  if (!refreshes && !passkey && !code_.notification(notification)) return false;
  stanzas_.send(ack_for(notification));
  if (passkey && passkey_.live()) {  // it was scanned, or typed: neither is to be done again
    qr_.reset();
    code_.linked();
  }
  if (refreshes) refresh(notification);
  return true;
}

// A new ADV secret under the same ref. One of the two children has to be there (whatsapp-rust's
// handlers/notification/companion_reg.rs).
void Pairing::refresh(const wire::Node& notification) {
  if (context_.credentials.linked()) return;
  if (!notification.child("companion_reg_refresh") && !notification.child("pair-device-rotate-qr")) return;
  context_.credentials.adv_secret = context_.random.array<32>();
  store::CredentialsTable(context_.database, context_.session).save(context_.credentials);
  if (!qr_) return;
  qr_->text = qr_text(refs_[index_], context_.credentials.noise.pub, context_.credentials.identity.pub,
                      context_.credentials.adv_secret, kCompanionPlatform);
  context_.emit(*qr_);
}

Pairing::Outcome Pairing::pair_success(const wire::Node& iq) {
  if (context_.credentials.linked()) {
    log::warning("pair-success for a linked device ignored", {{"session", context_.session_name}});
    return Outcome::ignored;
  }
  if (auto status = link_account(iq, *iq.child("pair-success")); !status) {
    refuse(iq, status.error());
    return Outcome::refused;
  }
  refs_.clear();
  qr_.reset();
  code_.linked();
  passkey_.linked();
  const auto& credentials = context_.credentials;
  context_.emit(Linked{credentials.pn, credentials.lid, credentials.platform});
  return Outcome::linked;
}

// Under the secret of the way by which the phone was reached, which is the account's from now on.
Result<DeviceIdentity> Pairing::accept(ByteView container) {
  auto& credentials = context_.credentials;
  Result<DeviceIdentity> accepted = fail(Cause::bad_mac);
  for (const auto& secret :
       {passkey_.adv_secret(), code_.adv_secret(), std::optional(credentials.adv_secret)}) {
    if (!secret) continue;
    accepted = accept_device_identity(container, *secret, credentials.identity, context_.random);
    if (accepted) credentials.adv_secret = *secret;
    if (accepted || accepted.cause() != Cause::bad_mac) return accepted;
  }
  return accepted;
}

Status Pairing::link_account(const wire::Node& iq, const wire::Node& success) {
  const auto* container = success.child("device-identity");
  const auto* device = success.child("device");
  const auto pn = device ? device->jid("jid") : std::nullopt;
  const auto lid = device ? device->jid("lid") : std::nullopt;
  if (!container || !pn || !pn->is_pn() || !is_digits(pn->user) || !lid || !lid->is_lid() ||
      lid->user.empty())
    return fail(Cause::malformed, "pair-success without device or identity");
  const Bytes identity_bytes = container->bytes();
  if (identity_bytes.empty() || identity_bytes.size() > kDeviceIdentity)
    return fail(Cause::malformed, "device identity's size");

  PIGEOND_TRY(const auto identity, accept(identity_bytes));
  auto& credentials = context_.credentials;
  context_.server_clock.told(context_.now, iq.number("t"));
  credentials.pn = *pn;
  credentials.lid = *lid;
  credentials.device_identity = identity.stored;
  credentials.platform = short_name(success.child("platform"));
  credentials.business_name = short_name(success.child("biz"));
  credentials.linked_ms = context_.now.wall;
  credentials.lid_migrated = says_migrated(success.child("client-props"));
  store::CredentialsTable(context_.database, context_.session).save(credentials);
  store::LidMappings(context_.database, context_.session).put(lid->user, pn->user);
  // What waited while the session had no account goes out only if this is the account it was accepted for.
  drop_others_messages(pn->user, lid->user);
  // The phone's identity: what its first message to us has to be signed with.
  store::SignalRows(context_.database, context_.session)
      .save_identity(lid->user + "_1", 0, identity.account_key);

  wire::Node signed_identity("device-identity");
  signed_identity.set("key-index", std::to_string(identity.key_index)).body(identity.reply);
  wire::Node sign("pair-device-sign");
  sign.add(std::move(signed_identity));
  stanzas_.send(result_for(iq).add(std::move(sign)));
  return {};
}

void Pairing::drop_others_messages(const std::string& pn, const std::string& lid) {
  const Error why = fail(Cause::logged_out, "the message was dropped: another account was linked");
  for (const auto& dropped : store::Outbox(context_.database, context_.session).keep_only(pn, lid)) {
    const std::int64_t timestamp = context_.now.unix_seconds();
    context_.emit(SendDone{0, dropped.id, dropped.chat, timestamp, why});
    // Of one that programs never heard of there is nothing to take back.
    if (!dropped.untold) context_.emit(dropped_message(dropped.id, dropped.chat, timestamp, why));
  }
}

void Pairing::refuse(const wire::Node& iq, const Error& why) {
  const char* code = "401";
  const char* text = "signature-mismatch";
  if (why.cause == Cause::malformed) {
    code = "500";
    text = "internal-error";
  } else if (why.cause == Cause::bad_mac) {
    text = "hmac-mismatch";
  }
  log::warning("pairing refused", {{"session", context_.session_name},
                                   {"cause", std::string(cause_name(why.cause))},
                                   {"detail", why.detail}});
  wire::Node reply("iq");
  reply.set("to", wire::service()).set("type", "error").set("id", iq.attr("id"));
  reply.add(wire::Node("error").set("code", code).set("text", text));
  stanzas_.send(reply);
}

void Pairing::link_down() {
  if (qr_ && context_.now.mono - shown_since_ >= kFirstCode) ++sets_shown_;
  refs_.clear();
  qr_.reset();
  code_.link_down();
  passkey_.link_down();
}

State Pairing::state() const {
  switch (passkey_.step()) {
    case PasskeyPairing::Step::assertion:
      return State::passkey;
    case PasskeyPairing::Step::comparison:
      return State::comparison;
    case PasskeyPairing::Step::none:
      break;
  }
  return State::pairing;
}

bool Pairing::wake() {
  code_.wake();
  passkey_.wake();
  if (refs_.empty() || (qr_ && context_.now.mono < qr_->expires)) return false;
  if (qr_ && index_ + 1 < refs_.size()) {
    ++index_;
    show();
    return false;
  }
  if (!code_.live() && !passkey_.live()) return true;
  qr_.reset();  // the service knows it no more, but what a person is typing
  return false;
}

bool Pairing::exhausted() const {
  return sets_shown_ >= kSets;
}

std::optional<Millis> Pairing::next_wake() const {
  std::optional<Millis> next = qr_ ? std::optional(qr_->expires) : std::nullopt;
  for (const auto& due : {code_.next_wake(), passkey_.next_wake()})
    if (due && (!next || *due < *next)) next = due;
  return next;
}

}  // namespace pigeond::engine
