#include "engine/account/pre_keys.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/log.h"
#include "engine/pairing/new_device.h"
#include "signal/session.h"

namespace pigeond::engine {
namespace {

// whatsmeow's numbers: 812 at first, then 50 whenever fewer than 5 are left.
constexpr std::size_t kFirstUpload = 812;
constexpr std::size_t kUpload = 50;
constexpr std::uint64_t kFew = 5;
constexpr Millis kUploadPause = 10 * kMinute;  // within it the server is asked before it gets more
constexpr std::uint32_t kMaxId = 16777215;
constexpr std::size_t kDigestKeys = 4096;  // listed by the server at most
constexpr std::int64_t kDay_s = 86400;
constexpr std::int64_t kRotateAfter_s = 27 * kDay_s;  // zapo's 27 days, and up to 3 more by account
constexpr std::int64_t kRotateRetry_s = kDay_s;

Bytes number(std::uint64_t value, unsigned width) {
  Bytes out;
  append_be(out, value, width);
  return out;
}

wire::Node leaf(const char* tag, Bytes content) {
  wire::Node node(tag);
  node.body(std::move(content));
  return node;
}

wire::Node signed_pre_key_node(const store::SignedPreKeyRow& key) {
  wire::Node node("skey");
  node.add(leaf("id", number(key.id, 3)));
  node.add(leaf("value", to_bytes(key.key.pub)));
  node.add(leaf("signature", to_bytes(key.signature)));
  return node;
}

wire::Node encrypt_iq(const char* type, wire::Node child) {
  wire::Node iq("iq");
  iq.set("to", wire::service()).set("type", type).set("xmlns", "encrypt");
  iq.add(std::move(child));
  return iq;
}

Bytes content_of(const wire::Node& parent, std::string_view tag) {
  const auto* node = parent.child(tag);
  return node ? node->bytes() : Bytes();
}

bool same(const Bytes& a, ByteView b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

}  // namespace

PreKeyDigest::PreKeyDigest(const Key32& identity, const store::SignedPreKeyRow& signed_pre_key) {
  hash_.update(identity);
  hash_.update(signed_pre_key.key.pub);
  hash_.update(signed_pre_key.signature);
}

void PreKeys::login(std::function<void(Status)> ready) {
  ready_ = std::move(ready);
  digest_repaired_ = digest_wanted_ = refill_wanted_ = false;
  backoff_.reset();
  count();
}

void PreKeys::online() {
  plan_rotation();
  if (job_ != Job::none) {
    digest_wanted_ = true;
    return;
  }
  check_digest();
}

// --- counting ---

void PreKeys::count() {
  job_ = Job::count;
  stanzas_.query(encrypt_iq("get", wire::Node("count")), [this](Result<wire::Node> answer) {
    job_ = Job::none;
    if (!answer) {
      // Without a number: trust what the last upload left there, unless the link itself is in doubt.
      if (ends_link(answer.error())) return finish(answer.error());
      return context_.credentials.pre_keys_on_server ? finish({}) : upload(kFirstUpload);
    }
    const auto* node = answer->child("count");
    counted(node ? node->number("value").value_or(0) : 0);
  });
}

void PreKeys::counted(std::uint64_t on_server) {
  if (on_server >= kFew) {
    if (!context_.credentials.pre_keys_on_server) {
      context_.credentials.pre_keys_on_server = true;
      save();
    }
    return finish({});
  }
  upload(on_server == 0 && !context_.credentials.pre_keys_on_server ? kFirstUpload : kUpload);
}

bool PreKeys::notification(const wire::Node& node) {
  if (!node.is("type", "encrypt")) return false;
  if (const auto* count_node = node.child("count")) {
    const auto left = count_node->number("value").value_or(0);
    log::info("pre-keys left on the server",
              {{"session", context_.session_name}, {"count", std::to_string(left)}});
    if (left >= kFew) return true;
    if (job_ == Job::none && !ready_) {
      refill();
    } else if (job_ != Job::upload) {
      refill_wanted_ = true;
    }
    return true;
  }
  if (node.child("digest")) {
    if (job_ == Job::none && !ready_) {
      check_digest();
    } else {
      digest_wanted_ = true;
    }
    return true;
  }
  return false;
}

// The warning may be an old one, delivered late: right after an upload the server's own number decides.
void PreKeys::refill() {
  refill_wanted_ = false;
  const Millis since = context_.now.wall - context_.credentials.pre_keys_uploaded_ms;
  if (since >= 0 && since < kUploadPause) return count();
  upload(kUpload);
}

// --- uploading ---

// Takes what an upload without an answer left behind, and makes the rest. All of it is stored before it is
// sent.
std::vector<store::PreKeyRow> PreKeys::stock(std::size_t wanted) {
  auto keys = rows().pre_keys_not_uploaded(wanted);
  auto& credentials = context_.credentials;
  if (keys.size() < wanted) {
    const auto made =
        signal::make_pre_keys(credentials.next_pre_key_id, wanted - keys.size(), context_.random);
    for (const auto& key : made) {
      const store::PreKeyRow row{key.id, key.key, false};
      rows().save_pre_key(row);
      keys.push_back(row);
    }
    credentials.next_pre_key_id = made.back().id == kMaxId ? 1 : made.back().id + 1;
    save();
  }
  return keys;
}

void PreKeys::upload(std::size_t wanted) {
  job_ = Job::upload;
  wanted_ = wanted;
  retry_at_.reset();
  const auto current = current_signed_pre_key();
  if (!current) return upload_failed(fail(Cause::storage, "the signed pre-key is missing"));
  wire::Node list("list");
  std::vector<std::uint32_t> ids;
  for (const auto& row : stock(wanted)) {
    wire::Node key("key");
    key.add(leaf("id", number(row.id, 3)));
    key.add(leaf("value", to_bytes(row.key.pub)));
    list.add(std::move(key));
    ids.push_back(row.id);
  }
  wire::Node iq = encrypt_iq("set", leaf("registration", number(context_.credentials.registration_id, 4)));
  iq.add(leaf("type", {5}));
  iq.add(leaf("identity", to_bytes(context_.credentials.identity.pub)));
  iq.add(std::move(list));
  iq.add(signed_pre_key_node(*current));
  stanzas_.query(std::move(iq), [this, ids = std::move(ids)](Result<wire::Node> answer) {
    uploaded(ids, std::move(answer));
  });
}

void PreKeys::uploaded(const std::vector<std::uint32_t>& ids, Result<wire::Node> answer) {
  if (!answer) return upload_failed(answer.error());
  rows().mark_pre_keys_uploaded(ids);
  context_.credentials.pre_keys_on_server = true;
  context_.credentials.pre_keys_uploaded_ms = context_.now.wall;
  save();
  log::info("pre-keys uploaded", {{"session", context_.session_name}, {"count", std::to_string(ids.size())}});
  job_ = Job::none;
  backoff_.reset();
  refill_wanted_ = false;
  finish({});
}

void PreKeys::upload_failed(const Error& why) {
  job_ = Job::none;
  log::warning("pre-key upload failed", {{"session", context_.session_name},
                                         {"cause", std::string(cause_name(why.cause))},
                                         {"code", std::to_string(why.code)}});
  if (ends_link(why)) return finish(why);
  retry_at_ = context_.now.mono + backoff_.next(context_.random);
  if (context_.credentials.pre_keys_on_server) finish({});
}

// --- comparing ---

void PreKeys::check_digest() {
  digest_wanted_ = false;
  job_ = Job::digest;
  stanzas_.query(encrypt_iq("get", wire::Node("digest")), [this](Result<wire::Node> answer) {
    job_ = Job::none;
    digest_answered(answer);
  });
}

void PreKeys::digest_answered(const Result<wire::Node>& answer) {
  std::optional<Difference> difference;
  if (!answer) {
    if (answer.cause() != Cause::ack_error || answer.error().code != 404)
      return finish({});  // 406, 503, lost: nothing learnt
    difference = Difference{"the server has no keys"};
    rows().mark_all_pre_keys_not_uploaded();
  } else if (const auto* digest = answer->child("digest")) {
    difference = digest_difference(*digest);
  } else {
    difference = Difference{"no digest in the answer"};
  }
  if (!difference) return finish({});
  log::warning("pre-key digest differs", {{"session", context_.session_name}, {"detail", difference->what}});
  repair(*difference);
}

// Once a link: a server that goes on disagreeing is not helped by more keys. One-time keys that are not here
// (the database was set back to a backup) stay there until they are used up, whatever is uploaded: some that
// are good go beside them, once a day, or each login would add a set until the server takes no more.
void PreKeys::repair(const Difference& difference) {
  if (std::exchange(digest_repaired_, true)) return finish({});
  if (!difference.of_stock) return upload(kFirstUpload);
  const Millis since = context_.now.wall - context_.credentials.pre_keys_uploaded_ms;
  if (since >= 0 && since < kDay) return finish({});
  upload(kUpload);
}

std::optional<PreKeys::Difference> PreKeys::digest_difference(const wire::Node& digest) {
  const auto current = current_signed_pre_key();
  const auto* skey = digest.child("skey");
  const auto* list = digest.child("list");
  if (!current || !skey || !list) return Difference{"incomplete"};
  const auto& credentials = context_.credentials;
  if (!same(content_of(digest, "registration"), number(credentials.registration_id, 4)))
    return Difference{"registration id"};
  if (!same(content_of(digest, "identity"), credentials.identity.pub)) return Difference{"identity"};
  if (!same(content_of(*skey, "id"), number(current->id, 3)) ||
      !same(content_of(*skey, "value"), current->key.pub) ||
      !same(content_of(*skey, "signature"), current->signature))
    return Difference{"signed pre-key"};
  if (list->children().size() > kDigestKeys) return Difference{"too many keys", true};
  PreKeyDigest digest_of_ours(credentials.identity.pub, *current);
  for (const auto& node : list->children()) {
    // <id>3 bytes</id>, or wrapped in a <key>.
    const Bytes id = node.tag == "id" ? node.bytes() : content_of(node, "id");
    if (id.size() != 3) return Difference{"a key's id", true};
    const auto row = rows().pre_key(static_cast<std::uint32_t>(read_be(id)));
    if (!row) return Difference{"a key that is not here", true};
    digest_of_ours.add(row->key.pub);
  }
  const Bytes theirs = content_of(digest, "hash");
  const auto ours = digest_of_ours.finish();
  if (theirs.empty() || theirs.size() > ours.size() ||
      !std::equal(theirs.begin(), theirs.end(), ours.begin()))
    return Difference{"hash", true};
  return std::nullopt;
}

// --- the signed pre-key ---

void PreKeys::plan_rotation() {
  const auto& credentials = context_.credentials;
  // Spread over three days by account, so that accounts linked together don't rotate together.
  const auto due =
      credentials.signed_pre_key_created + kRotateAfter_s + credentials.registration_id % (3 * kDay_s);
  rotate_at_ = context_.now.mono + std::max<std::int64_t>(0, due - context_.server_seconds()) * kSecond;
}

// The new key is stored, but stays second until the server has it: an answer that gets lost leaves both
// usable, and the next attempt sends the same one.
void PreKeys::rotate_if_due() {
  if (job_ != Job::none || ready_ || !rotate_at_ || context_.now.mono < *rotate_at_) return;
  rotate_at_ = context_.now.mono + kRotateRetry_s * kSecond;
  const std::uint32_t id =
      context_.credentials.signed_pre_key_id >= kMaxId ? 1 : context_.credentials.signed_pre_key_id + 1;
  auto next = rows().signed_pre_key(id);
  if (!next || next->created <= context_.credentials.signed_pre_key_created) {
    next =
        create_signed_pre_key(id, context_.credentials.identity, context_.server_seconds(), context_.random);
    rows().save_signed_pre_key(*next);
  }
  wire::Node rotate("rotate");
  rotate.add(signed_pre_key_node(*next));
  job_ = Job::rotate;
  stanzas_.query(encrypt_iq("set", std::move(rotate)), [this, key = *next](Result<wire::Node> answer) {
    job_ = Job::none;
    rotated(key, answer);
  });
}

void PreKeys::rotated(const store::SignedPreKeyRow& key, const Result<wire::Node>& answer) {
  if (answer) {
    context_.credentials.signed_pre_key_id = key.id;
    context_.credentials.signed_pre_key_created = key.created;
    save();
    plan_rotation();
    log::info("signed pre-key rotated", {{"session", context_.session_name}, {"id", std::to_string(key.id)}});
    return finish({});
  }
  const int code = answer.error().code;
  log::warning("signed pre-key rotation failed",
               {{"session", context_.session_name}, {"code", std::to_string(code)}});
  const bool refused = answer.cause() == Cause::ack_error && code < 500;
  if (refused && code == 406) {  // that key itself is refused: another one tomorrow
    rows().save_signed_pre_key(create_signed_pre_key(key.id, context_.credentials.identity,
                                                     context_.server_seconds(), context_.random));
  } else if (refused) {
    digest_wanted_ = true;
  }
  finish({});
}

// --- keeping time ---

bool PreKeys::ends_link(const Error& why) const {
  return why.cause == Cause::link_lost || why.cause == Cause::timed_out;
}

// A job is over: tells who waits for it, and starts what was asked for meanwhile.
void PreKeys::finish(Status status) {
  if (ready_) {
    const auto ready = std::exchange(ready_, nullptr);
    ready(status);
    return;
  }
  if (!status || job_ != Job::none) return;
  if (refill_wanted_) return refill();
  if (digest_wanted_) return check_digest();
  rotate_if_due();
}

void PreKeys::link_down() {
  ready_ = nullptr;
  job_ = Job::none;
  retry_at_.reset();
  rotate_at_.reset();
  digest_wanted_ = refill_wanted_ = false;
}

void PreKeys::wake() {
  if (job_ != Job::none) return;
  if (retry_at_ && context_.now.mono >= *retry_at_) return upload(wanted_);
  rotate_if_due();
}

std::optional<Millis> PreKeys::next_wake() const {
  if (job_ != Job::none) return std::nullopt;
  if (retry_at_ && rotate_at_) return std::min(*retry_at_, *rotate_at_);
  return retry_at_ ? retry_at_ : rotate_at_;
}

std::optional<store::SignedPreKeyRow> PreKeys::current_signed_pre_key() {
  return rows().signed_pre_key(context_.credentials.signed_pre_key_id);
}

}  // namespace pigeond::engine
