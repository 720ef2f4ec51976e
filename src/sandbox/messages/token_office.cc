#include "sandbox/messages/token_office.h"

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "crypto/hash.h"
#include "sandbox/accounts/key_server.h"

namespace pigeond::sandbox {
namespace {

constexpr std::size_t kTokenBytes = 16;
constexpr std::size_t kKept = 8;          // tokens of one pair
constexpr std::int64_t kLenience = 3600;  // seconds; a client's clock, and messages on their way
constexpr int kMissingToken = 463;
constexpr int kCapped = 475;
constexpr int kInvalid = 479;

}  // namespace

bool TokenOffice::too_old(std::int64_t time, std::int64_t lenience) const {
  const std::int64_t bucket = (world_.now.unix_seconds() - lenience) / kBucket;
  return time < (bucket - (kBuckets - 1)) * kBucket;
}

const TokenOffice::Token& TokenOffice::remember(const Account& by, const Account& to, std::int64_t time) {
  auto& tokens = given_[{by.phone, to.phone}];
  const auto known =
      std::find_if(tokens.begin(), tokens.end(), [time](const Token& token) { return token.time == time; });
  if (known != tokens.end()) return *known;
  const Key32 bytes =
      crypto::sha256({as_bytes(by.phone), as_bytes(to.phone), as_bytes(std::to_string(time))});
  tokens.push_back(Token{time, to_bytes(ByteView(bytes).first(kTokenBytes)), {}});
  if (tokens.size() > kKept) tokens.pop_front();
  return tokens.back();
}

const TokenOffice::Token* TokenOffice::newest(const Account& by, const Account& to) const {
  const auto tokens = given_.find({by.phone, to.phone});
  if (tokens == given_.end() || too_old(tokens->second.back().time, kLenience)) return nullptr;
  return &tokens->second.back();
}

std::vector<TokenOffice::Known> TokenOffice::known_to(const Account& account) const {
  std::vector<Known> out;
  for (const auto& [pair, tokens] : given_) {
    if (pair.second != account.phone) continue;
    const Account& contact = world_.accounts.at(pair.first);
    const Token* token = newest(contact, account);
    const Token* ours = newest(account, contact);
    if (token != nullptr)
      out.push_back({pair.first, token->time, token->bytes, ours == nullptr ? 0 : ours->time});
  }
  return out;
}

void TokenOffice::held_by(const DeviceRef& device) {
  for (auto& [pair, tokens] : given_)
    if (pair.second == device.phone && !tokens.empty()) tokens.back().told.insert(device);
}

wire::Node TokenOffice::token_node(const Token& token, const wire::Jid& jid) const {
  wire::Node node("token");
  node.set("type", "trusted_contact").set("t", static_cast<std::uint64_t>(token.time)).set("jid", jid);
  return node.body(token.bytes);
}

void TokenOffice::tell(const Account& by, const Account& to, Form form, const Token& token) {
  auto& tokens = given_[{by.phone, to.phone}];
  const auto kept = std::find_if(tokens.begin(), tokens.end(),
                                 [&token](const Token& each) { return each.bytes == token.bytes; });
  for (const auto& [number, device] : to.devices) {
    if (number == 0) continue;
    wire::Node note("notification");
    note.set("from", by.jid(form))
        .set("sender_lid", by.jid(Form::lid))
        .set("id", world_.next_id())
        .set("type", "privacy_token")
        .set("t", static_cast<std::uint64_t>(world_.now.unix_seconds()))
        .add(wire::Node("tokens").add(token_node(token, to.jid(form))));
    if (kept != tokens.end()) kept->told.insert(DeviceRef{to.phone, number});
    mailroom_.deliver(DeviceRef{to.phone, number}, std::move(note));
  }
}

void TokenOffice::give(const Account& by, const Account& to, bool now) {
  const Token& token = remember(by, to, world_.now.unix_seconds());
  if (now) tell(by, to, Form::lid, token);
}

// Given again after a change of identity, a token keeps its old time. (That it is given twice in a bucket is
// no breach: Baileys forgets that it gave its own when it receives the contact's.)
void TokenOffice::check_time(const DeviceRef& from, const Account& contact, std::int64_t time,
                             const wire::Node& iq) {
  const auto last = issues_.find({from, contact.phone});
  const bool again = last != issues_.end() && last->second == time;
  if (!again && std::abs(time - world_.now.unix_seconds()) > kBucket)
    world_.violation("token-time", &from, "t is more than a bucket away from now", &iq);
  issues_[{from, contact.phone}] = time;
}

wire::Node TokenOffice::issue(const DeviceRef& from, const wire::Node& iq,
                              std::function<void()>& afterwards) {
  const Account* own = world_.account(from.phone);
  const wire::Node* tokens = iq.child("tokens");
  std::vector<std::pair<const Account*, std::pair<Form, Token>>> news;
  for (const auto& token : tokens->children()) {
    const auto jid = token.jid("jid");
    const auto time = token.number("t");
    if (token.tag != "token" || !jid || !jid->is_user() || !time || !token.is("type", "trusted_contact")) {
      world_.violation("iq-malformed", &from, "a token needs jid, t and type trusted_contact", &iq);
      return iq_error(iq, 400, "bad-request");
    }
    const Account* contact = world_.account(*jid);
    if (contact == nullptr || contact == own) continue;
    const auto seconds = static_cast<std::int64_t>(*time);
    check_time(from, *contact, seconds, iq);
    news.push_back({contact, {form_of(*jid), remember(*own, *contact, seconds)}});
  }
  afterwards = [this, own, news = std::move(news)] {
    for (const auto& [contact, token] : news) tell(*own, *contact, token.first, token.second);
  };
  return iq_result(iq);
}

void TokenOffice::looked_up(const DeviceRef& by, const Account& contact) {
  if (!contact.tells_watchers) return;
  const Account* own = world_.account(by.phone);
  const Token* token = newest(contact, *own);
  if (token == nullptr || token->told.contains(by)) return;
  tell(contact, *own, Form::lid, *token);
}

bool TokenOffice::good_tctoken(const DeviceRef& from, const Account& recipient, const wire::Node& message) {
  const Bytes shown = message.child("tctoken")->bytes();
  const auto tokens = given_.find({recipient.phone, from.phone});
  if (tokens != given_.end()) {
    for (const auto& token : tokens->second) {
      if (token.bytes != shown) continue;
      if (!too_old(token.time, kLenience)) return true;
      world_.violation("token-expired", &from, "a tctoken from " + std::to_string(token.time), &message);
      return false;
    }
  }
  world_.violation("token-wrong", &from, "a tctoken that this contact did not give", &message);
  return false;
}

bool TokenOffice::good_cstoken(const DeviceRef& from, const Account& recipient, const wire::Node& message) {
  const Account* own = world_.account(from.phone);
  const Key32 expected = crypto::hmac_sha256(own->nct_salt, as_bytes(recipient.jid(Form::lid).text()));
  if (message.child("cstoken")->bytes() == to_bytes(ByteView(expected))) return true;
  world_.violation("token-wrong", &from, "a cstoken that is not made from the account's salt", &message);
  return false;
}

bool TokenOffice::shows_good_token(const DeviceRef& from, const Account& recipient,
                                   const wire::Node& message) {
  const Account* own = world_.account(from.phone);
  if (from.number == 0) return newest(recipient, *own) != nullptr;  // phones need not show what we know
  if (message.child("tctoken") != nullptr) return good_tctoken(from, recipient, message);
  return message.child("cstoken") != nullptr && good_cstoken(from, recipient, message);
}

// Only of what the device has acknowledged is it known that it holds it.
void TokenOffice::check_shown(const DeviceRef& from, const Account& recipient, const wire::Node& message) {
  const Device* device = world_.device(from);
  const auto tokens = given_.find({recipient.phone, from.phone});
  if (from.number == 0 || device == nullptr || tokens == given_.end() || message.child("tctoken") != nullptr)
    return;
  for (const auto& waiting : device->mailbox)
    if (waiting.stanza.is("type", "privacy_token") &&
        world_.account(*waiting.stanza.jid("from")) == &recipient)
      return;
  for (const auto& token : tokens->second)
    if (token.told.contains(from) && !too_old(token.time, -kLenience))
      return world_.violation("token-withheld", &from, "no tctoken, though the contact gave one", &message);
}

int TokenOffice::judge(const DeviceRef& from, const Account& recipient, const wire::Node& message) {
  const Account* own = world_.account(from.phone);
  for (const char* tag : {"tctoken", "cstoken"}) {
    const wire::Node* token = message.child(tag);
    if (token == nullptr) continue;
    if (&recipient == own) {
      world_.violation("token-on-self", &from, "a privacy token on a message to oneself", &message);
      return kInvalid;
    }
    if (!std::holds_alternative<Bytes>(token->content)) {
      world_.violation("token-malformed", &from, std::string(tag) + " is not bytes", &message);
      return kInvalid;
    }
  }
  if (&recipient == own) return 0;
  if (world_.policy.expect_tokens) check_shown(from, recipient, message);
  const bool trusted = shows_good_token(from, recipient, message);
  if (!trusted && world_.faults.strike(FaultKind::token_required, &from, recipient.phone))
    return kMissingToken;
  const bool answered = wrote_.contains({recipient.phone, own->phone});
  const bool spared = from.number == 0 && own->timelock && own->timelock->type == "WEB_COMPANION_ONLY";
  if (own->locked(world_.now.unix_seconds()) && !spared && !trusted && !answered) return kMissingToken;
  const bool new_chat = !answered && !wrote_.contains({own->phone, recipient.phone});
  if (own->capping && own->capping->status == "CAPPED" && new_chat) return kCapped;
  return 0;
}

void TokenOffice::accepted(const DeviceRef& from, const Account& recipient) {
  const Account* own = world_.account(from.phone);
  if (own == &recipient) return;
  wrote_.insert({own->phone, recipient.phone});
  if (from.number != 0) return;
  const Token* last = newest(*own, recipient);
  if (last == nullptr || last->time / kBucket < world_.now.unix_seconds() / kBucket)
    give(*own, recipient, true);
}

}  // namespace pigeond::sandbox
