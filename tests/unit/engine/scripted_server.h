// The other end of an engine's link, for tests: a server that does what the test says, with the real
// handshake and codec, and a world around the engine that commits, performs effects and moves the clock, as
// the gateway does.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/text.h"
#include "crypto/hash.h"
#include "engine/engine.h"
#include "store/sessions.h"
#include "wire/certificate.h"
#include "wire/codec.h"
#include "wire/frame.h"
#include "wire/noise.h"
#include "wire/proto.h"

namespace pigeond::engine::test {

inline constexpr std::int64_t kStart = 1'750'000'000;  // unix seconds

inline wire::CertificateAuthority make_authority(Random& random) {
  return {crypto::generate_key_pair(random), crypto::generate_key_pair(random), 3, 329};
}

// One connection, seen from the server.
class ServerLink {
 public:
  ServerLink(Random& random, const wire::CertificateAuthority& authority) : reader_(1 << 24) {
    const auto identity = crypto::generate_key_pair(random);
    noise_.emplace(
        crypto::generate_key_pair(random), identity,
        wire::issue_certificate_chain(authority, identity.pub, kStart - 86400, kStart + 400 * 86400, random));
  }

  void feed(ByteView bytes) {
    if (!intro_) {
      const auto parsed = wire::parse_stream_intro(bytes);
      ASSERT_TRUE(parsed.ok() && *parsed);
      intro_ = **parsed;
      bytes = bytes.subspan(intro_->size);
    }
    reader_.feed(bytes);
    for (;;) {
      const auto body = reader_.next();
      ASSERT_TRUE(body.ok());
      if (!*body) return;
      take(**body);
    }
  }

  void send(const wire::Node& node) { send_plain(wire::encode(node)); }
  void send_plain(ByteView plaintext) {
    ASSERT_TRUE(transport_);
    send_frame(*transport_->seal(plaintext));
  }
  void send_frame(ByteView body) {
    const auto bytes = *wire::frame(body);
    out.insert(out.end(), bytes.begin(), bytes.end());
  }

  bool handshake_done() const { return transport_.has_value(); }
  const wire::Intro& intro() const { return *intro_; }

  Bytes out;                        // not yet delivered to the client
  std::deque<wire::Node> received;  // nodes, in order
  wa_ClientPayload payload{};
  int frames = 0;

 private:
  void take(const Bytes& body) {
    ++frames;
    if (frames == 1) {
      const auto hello = noise_->read_client_hello(body);
      ASSERT_TRUE(hello.ok());
      return send_frame(*hello);
    }
    if (!transport_) {
      auto finished = noise_->read_client_finish(body);
      ASSERT_TRUE(finished.ok());
      auto decoded = wire::proto::decode<wa_ClientPayload>(finished->client_payload);
      ASSERT_TRUE(decoded.ok());
      payload = std::move(*decoded);
      transport_.emplace(std::move(finished->transport));
      return;
    }
    const auto plaintext = transport_->open(body);
    ASSERT_TRUE(plaintext.ok());
    auto node = wire::decode(*plaintext);
    ASSERT_TRUE(node.ok());
    received.push_back(std::move(*node));
  }

  wire::FrameReader reader_;
  std::optional<wire::NoiseServer> noise_;
  std::optional<wire::Intro> intro_;
  std::optional<wire::Transport> transport_;
};

class World {
 public:
  World() : authority(make_authority(random)), database(std::move(*store::Database::open(":memory:"))) {
    profile.root_key = authority.root.pub;
    database->begin();
    session = store::SessionTable(*database).create({0, "default", "{}", true, kStart * 1000});
    EXPECT_TRUE(database->commit().ok());
    rebuild();
  }

  // A new engine over the same database, as after a restart of the process.
  void rebuild() { engine = std::make_unique<Engine>(*database, session, "default", profile, random); }

  // One tick: work, commit, perform; then whatever the server has answered.
  void tick(const std::function<void()>& work) {
    database->begin();
    work();
    const auto status = database->commit();
    ASSERT_TRUE(status.ok()) << status.error().detail;
    for (auto& effect : engine->take_effects()) perform(std::move(effect));
    while (link && !link->out.empty()) {
      const Bytes bytes = std::exchange(link->out, {});
      tick([&] { engine->receive(now, bytes); });
    }
  }
  void perform(Effect effect) {
    if (std::get_if<Connect>(&effect)) {
      ++connects;
      connecting = true;
    } else if (const auto* write = std::get_if<Write>(&effect)) {
      if (link) link->feed(write->bytes);
    } else if (std::get_if<Disconnect>(&effect)) {
      ++disconnects;
      connecting = false;
      last_link = std::move(link);
    } else {
      if (const auto* changed = std::get_if<StateChanged>(&effect)) states.push_back(*changed);
      events.push_back(std::move(effect));
    }
  }

  void start() {
    tick([&] { engine->start(now); });
  }
  // Answers the Connect that is open.
  void accept() {
    ASSERT_TRUE(connecting);
    connecting = false;
    link = std::make_unique<ServerLink>(random, server_authority ? *server_authority : authority);
    tick([&] { engine->link_up(now); });
  }
  void send(const wire::Node& node) {
    ASSERT_TRUE(link);
    link->send(node);
    deliver();
  }
  void deliver() {
    tick([] {});
  }
  void drop() {
    link.reset();
    tick([&] { engine->link_down(now, fail(Cause::link_lost, "dropped")); });
  }
  // Moves the clock, waking the engine at each moment it asked for.
  void advance(Millis by) {
    const Millis end = now.mono + by;
    for (int steps = 0; steps < 10000; ++steps) {
      const auto wake = engine->next_wake();
      const Millis to = wake && *wake < end ? std::max(*wake, now.mono) : end;
      now.wall += to - now.mono;
      now.mono = to;
      if (wake && *wake <= now.mono) {
        ++wakes;
        tick([&] { engine->wake(now); });
        if (answer_pings)
          if (const auto ping = take_iq("w:p")) answer(*ping);
      } else if (now.mono >= end) {
        return;
      }
    }
    FAIL() << "the engine keeps asking to be woken";
  }

  // Takes the first node received that fits; fails the test if there is none.
  std::optional<wire::Node> take(const std::function<bool(const wire::Node&)>& fits) {
    if (!link) return std::nullopt;
    for (auto it = link->received.begin(); it != link->received.end(); ++it) {
      if (!fits(*it)) continue;
      wire::Node node = std::move(*it);
      link->received.erase(it);
      return node;
    }
    return std::nullopt;
  }
  std::optional<wire::Node> take_iq(std::string_view xmlns, std::string_view child = {}) {
    return take([&](const wire::Node& node) {
      return node.tag == "iq" && node.is("xmlns", xmlns) && (child.empty() || node.child(child));
    });
  }
  void answer(const wire::Node& iq, std::optional<wire::Node> child = std::nullopt) {
    wire::Node result("iq");
    result.set("from", wire::service()).set("type", "result").set("id", iq.attr("id"));
    if (child) result.add(*child);
    send(result);
  }
  void refuse(const wire::Node& iq, int code) {
    wire::Node result("iq");
    result.set("from", wire::service()).set("type", "error").set("id", iq.attr("id"));
    result.add(wire::Node("error").set("code", std::to_string(code)).set("text", "refused"));
    send(result);
  }

  // --- pairing ---
  void send_pair_device(int refs = 6) {
    wire::Node pair("pair-device");
    for (int i = 1; i <= refs; ++i) {
      wire::Node ref("ref");
      ref.body(to_bytes("2@ref" + std::to_string(i)));
      pair.add(std::move(ref));
    }
    wire::Node iq("iq");
    iq.set("from", wire::service()).set("type", "set").set("xmlns", "md").set("id", "pd1");
    iq.add(std::move(pair));
    send(iq);
  }
  // The ADV secret on the code that is shown.
  Key32 shown_secret() const {
    const auto parts = split(engine->qr()->text, ',');
    const auto bytes = parse_base64(parts.at(3));
    Key32 key{};
    std::copy(bytes->begin(), bytes->end(), key.begin());
    return key;
  }
  struct Identity {
    crypto::KeyPair account;
    bool forged_signature = false, forged_hmac = false, hosted = false;
  };
  Bytes device_identity(const Identity& who, std::optional<Key32> under = std::nullopt) {
    wa_ADVDeviceIdentity details{};
    details.has_rawID = details.has_timestamp = details.has_keyIndex = true;
    details.rawID = 77;
    details.timestamp = kStart;
    details.keyIndex = 4;
    if (who.hosted) {
      details.has_deviceType = true;
      details.deviceType = wa_ADVEncryptionType_HOSTED;
    }
    wa_ADVSignedDeviceIdentity identity{};
    identity.details = wire::proto::encode(details);
    identity.accountSignatureKey = to_bytes(who.account.pub);
    const Bytes prefix = {6, static_cast<std::uint8_t>(who.hosted ? 5 : 0)};
    const auto message = concat({prefix, identity.details, link->payload.devicePairingData.eIdent});
    identity.accountSignature = to_bytes(crypto::sign(who.account.priv, message, random));
    if (who.forged_signature) identity.accountSignature[10] ^= 1;
    wa_ADVSignedDeviceIdentityHMAC container{};
    container.details = wire::proto::encode(identity);
    Key32 secret = under ? *under : shown_secret();
    if (who.forged_hmac) secret[0] ^= 1;
    if (who.hosted) {
      container.has_accountType = true;
      container.accountType = wa_ADVEncryptionType_HOSTED;
    }
    const Bytes hmac_prefix = who.hosted ? Bytes{6, 5} : Bytes{};
    container.hmac = to_bytes(crypto::hmac_sha256(secret, {hmac_prefix, container.details}));
    return wire::proto::encode(container);
  }
  std::optional<Bytes> client_props;  // of the pairing
  void send_pair_success(Bytes identity) {
    wire::Node success("pair-success");
    wire::Node node("device-identity");
    node.body(std::move(identity));
    success.add(std::move(node));
    success.add(wire::Node("device").set("jid", wire::pn(number, 7)).set("lid", wire::lid(hidden_id, 7)));
    success.add(wire::Node("platform").set("name", "android"));
    if (client_props) success.add(wire::Node("client-props").body(*client_props));
    wire::Node iq("iq");
    iq.set("from", wire::service()).set("type", "set").set("xmlns", "md").set("id", "ps1");
    iq.set("t", std::to_string(now.unix_seconds()));
    iq.add(std::move(success));
    send(iq);
  }
  // From nothing to the reply that confirms the link.
  void pair() {
    start();
    accept();
    send_pair_device();
    account = crypto::generate_key_pair(random);
    send_pair_success(device_identity({account}));
  }
  void restart_stream() { send(wire::Node("stream:error").set("code", "515")); }

  // --- login ---
  void send_success() {
    wire::Node success("success");
    success.set("t", std::to_string(now.unix_seconds() + 100)).set("lid", wire::lid(hidden_id, 7));
    send(success);
  }
  void answer_count(int count) {
    const auto iq = take_iq("encrypt", "count");
    ASSERT_TRUE(iq);
    answer(*iq, wire::Node("count").set("value", std::to_string(count)));
  }
  void answer_active() {
    const auto iq = take_iq("passive", "active");
    ASSERT_TRUE(iq);
    answer(*iq);
    if (sends_backlog_end) end_backlog(0);
  }
  void announce_backlog(std::uint64_t count) {
    wire::Node ib("ib");
    send(ib.set("from", wire::service()).add(wire::Node("offline_preview").set("count", count)));
  }
  void end_backlog(std::uint64_t count) {
    wire::Node ib("ib");
    send(ib.set("from", wire::service()).add(wire::Node("offline").set("count", count)));
  }
  // Linked, logged in, online; the server has all the keys it wants.
  void reach_online() {
    pair();
    restart_stream();
    log_in(812);
  }
  void log_in(int count) {
    accept();
    send_success();
    answer_count(count);
    answer_active();
    ASSERT_EQ(engine->state(), State::online);
  }

  template <typename T>
  std::vector<T> all() const {
    std::vector<T> out;
    for (const auto& event : events)
      if (const auto* found = std::get_if<T>(&event)) out.push_back(*found);
    return out;
  }
  std::int64_t count_rows(const char* sql) {
    auto row = database->prepare(sql);
    return row.step() ? row.integer(0) : -1;
  }

  SeededRandom random{42};
  wire::CertificateAuthority authority;
  std::optional<wire::CertificateAuthority> server_authority;  // another one than the client trusts
  std::unique_ptr<store::Database> database;
  ClientProfile profile;
  std::int64_t session = 0;
  std::unique_ptr<Engine> engine;
  Instant now{5000, kStart * 1000};
  std::unique_ptr<ServerLink> link;
  std::unique_ptr<ServerLink> last_link;  // the one before
  crypto::KeyPair account;
  std::string number = "491234567", hidden_id = "998877";  // of the account
  std::vector<Effect> events;
  std::vector<StateChanged> states;
  int connects = 0, disconnects = 0, wakes = 0;
  bool connecting = false;
  bool answer_pings = true;       // while the clock moves
  bool sends_backlog_end = true;  // right after it is asked for the backlog, of which there is none
};

}  // namespace pigeond::engine::test
