#include "checks/invariants.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/text.h"
#include "checks/group_checks.h"
#include "checks/health_checks.h"
#include "checks/life_checks.h"
#include "checks/pace_checks.h"
#include "checks/stream_checks.h"
#include "checks/webhook_checks.h"
#include "crypto/hash.h"
#include "query_plans.h"
#include "store/messages/messages.h"
#include "wire/jid.h"
#include "world.h"

namespace pigeond::sim {
namespace {

struct Row {
  std::int64_t seq = 0;
  bool from_me = false, from_api = false;
  int ack = 0;
  std::string content;
};

// One account as its phone and its database saw it.
struct Seen {
  std::map<std::string, std::vector<const sandbox::PhoneMessage*>> phone;  // by body
  std::vector<sandbox::PhoneMessage> log;
  std::vector<std::map<std::string, std::vector<Row>>> engines;  // each one's rows by message id
};

class Check {
 public:
  Check(World& world, std::vector<std::string>& broken) : world_(world), broken_(broken) {}

  void all() {
    for (const auto& action : world_.plan().actions)
      if (action.kind == Action::Kind::fault && (action.fault.kind == sandbox::FaultKind::ack_error ||
                                                 action.fault.kind == sandbox::FaultKind::token_required))
        refused_.insert(action.fault.account);
      else if (action.kind == Action::Kind::lock)
        refused_.insert(world_.plan().accounts[action.from].phone);
      else if (action.kind == Action::Kind::fault && (action.fault.kind == sandbox::FaultKind::unavailable ||
                                                      action.fault.kind == sandbox::FaultKind::withheld))
        awaits_.insert(action.fault.account);
    for (const auto& account : world_.plan().accounts) {
      look(account);
      if (account.fickle) fickle_.insert(account.phone);
      if (account.late) late_[account.phone] = account.hosts.size() - 1;
    }
    for (auto text : world_.ledger().texts) texts_.push_back(known(std::move(text)));
    for (const auto& text : texts_) {
      check_text(text);
      check_never_left(text);
    }
    check_strangers();
    check_order();
    check_answers();
    check_violations();
    check_receipts();
    check_message_keys();
  }

 private:
  void fails(const std::string& invariant, const std::string& what) {
    broken_.push_back(invariant + ": " + what);
  }

  void look(const PlannedAccount& account) {
    Seen& seen = seen_[account.phone];
    seen.log = world_.service().phone(account.phone)->log().since(0);
    std::erase_if(seen.log, [](const auto& message) { return message.chat.is_group(); });  // group_checks.h
    for (const auto& message : seen.log) seen.phone[message.text].push_back(&message);
    for (std::size_t k = 0; k < account.hosts.size(); ++k)
      look(seen, world_.host_of(account, k), account.session(k));
  }

  void look(Seen& seen, Host& host, const std::string& session) {
    auto& into = seen.engines.emplace_back();
    const auto id = host.alive() ? host.session_id(session) : std::nullopt;
    if (!id) return;
    auto rows = host.database().prepare(
        "SELECT seq, id, from_me, from_api, ack, content FROM message WHERE session_id = ? ORDER BY seq");
    rows.bind(*id);
    while (rows.step())
      into[rows.text(1)].push_back({rows.integer(0), rows.integer(2) != 0, rows.integer(3) != 0,
                                    static_cast<int>(rows.integer(4)), std::string(as_text(rows.blob(5)))});
  }

  // Nobody was told the id of a text with a key whose caller got no answer: its row has it.
  Text known(Text text) {
    if (text.by_phone) return text;
    auto& rows = seen_[text.from].engines.at(text.engine);
    if (!text.key.empty() && text.id.empty()) {
      for (const auto& [id, found] : rows)
        if (!found.empty() && found.front().from_api &&
            found.front().content.find(text.body) != std::string::npos)
          text.id = id;
    }
    const auto& own = rows[text.id];
    text.order = own.empty() ? 0 : static_cast<std::uint64_t>(own.front().seq);
    return text;
  }

  std::size_t copies(const std::string& phone, const Text& text, bool from_me) {
    std::size_t count = 0;
    for (const auto* message : seen_[phone].phone[text.body]) count += message->from_me == from_me ? 1 : 0;
    return count;
  }
  // In each of the account's engines but `except`.
  void expect_rows(const std::string& phone, const Text& text, bool from_me, std::size_t least,
                   std::optional<std::size_t> except = std::nullopt) {
    auto& engines = seen_[phone].engines;
    for (std::size_t k = 0; k < engines.size(); ++k) {
      if (k == except) continue;
      const bool must = !fickle_.contains(phone) && !(late_.contains(phone) && late_[phone] == k);
      std::size_t count = 0;
      for (const auto& row : engines[k][text.id]) count += row.from_me == from_me ? 1 : 0;
      expect(text, "rows of " + phone + "-" + std::to_string(k), count, must ? least : 0);
    }
  }
  void expect(const Text& text, const std::string& where, std::size_t found, std::size_t least) {
    const std::string name = "'" + text.body + "' (" + text.id + ", " + text.from +
                             (text.by_phone ? "'s phone" : "") + " to " + text.to + ") ";
    if (found > 1) fails("once", name + "is there " + std::to_string(found) + " times: " + where);
    if (found < least) fails("lost", name + "is not there: " + where);
  }

  void check_text(const Text& text) {
    bool must_arrive = text.by_phone;
    if (!text.by_phone) {
      const auto& own = seen_[text.from].engines.at(text.engine)[text.id];
      // A removed companion forgets what it has sent.
      const bool forgets = fickle_.contains(text.from);
      expect(text, "sender's own row", own.size(), text.accepted && !forgets ? 1 : 0);
      must_arrive = own.empty() ? forgets && text.confirmed : own.front().ack >= 1;
      const bool undecided = !own.empty() && own.front().ack == 0;
      if (undecided) fails("ends", "'" + text.body + "' (" + text.id + ") has neither arrived nor failed");
      // No trouble of this machine or of a link may end a text: those pass.
      // (Others end a call, and the text stays.)
      static const std::set<Cause> harmless = {Cause::rate_limited,  Cause::no_ack,    Cause::already_exists,
                                               Cause::shutting_down, Cause::cancelled, Cause::not_linked,
                                               Cause::logged_out,    Cause::expired};
      // By a LID whose number nobody has told, an account that was not migrated reaches nobody.
      const bool by_lid = text.refused && text.refused->cause == Cause::bad_request &&
                          !world_.service().world().account(text.from)->lid_migrated;
      if (!own.empty() && own.front().ack < 0 && text.refused && !text.taken_back && !by_lid &&
          !refused_.contains(text.from) && !harmless.contains(text.refused->cause))
        fails("cause", "'" + text.body + "' (" + text.id + ") ended with " +
                           std::string(cause_name(text.refused->cause)) + ": " + text.refused->detail);
      if (text.confirmed && !must_arrive) fails("confirmed", "'" + text.body + "' was told sent and is not");
      if (own.empty() && !forgets && copies(text.to, text, false) > 0)
        fails("durable-before-visible", "'" + text.body + "' left, and its sender knows nothing of it");
    }
    const std::size_t least = must_arrive ? 1 : 0;
    expect(text, "sender's phone", copies(text.from, text, true), least);
    expect_rows(text.from, text, true, least, text.by_phone ? std::nullopt : std::optional(text.engine));
    if (text.from == text.to) return;
    expect(text, "recipient's phone", copies(text.to, text, false), least);
    expect_rows(text.to, text, false, least);
    for (const auto* message : seen_[text.to].phone[text.body])
      if (message->id != text.id)
        fails("same-id", "'" + text.body + "' arrived as " + message->id + ", not as " + text.id);
  }

  // What was taken back, has expired or was refused by a full disk is nowhere but in its sender's database.
  void check_never_left(const Text& text) {
    if (text.by_phone || text.from == text.to) return;
    if (world_.plan().set_back && fickle_.contains(text.from)) return;  // what ended since waits once more
    const auto& ledger = world_.ledger();
    const auto never = [&](const std::string& why) {
      std::size_t count = copies(text.to, text, false) + copies(text.from, text, true);
      if (!text.id.empty())
        for (auto& rows : seen_[text.to].engines) count += rows[text.id].size();
      if (count > 0) fails("never-left", "'" + text.body + "' " + why + " and left");
    };
    if (text.taken_back) never("was taken back");
    if (text.refused && text.refused->cause == Cause::expired) never("had expired");
    if (slept_beyond_expiry(text)) never("had expired while its session was stopped");
    const bool untroubled = ledger.kills + ledger.power_cuts + ledger.updates == 0;
    if (untroubled && text.requests > 0 && text.storage_refusals == text.requests) {
      never("was refused, as nothing could be stored,");
      if (!seen_[text.from].engines.at(text.engine)[text.id].empty())
        fails("half-done", "'" + text.body + "' was refused, and is in the database");
    }
  }
  // Its session was stopped when it was accepted, and until its time was over.
  bool slept_beyond_expiry(const Text& text) {
    if (text.expires_in == 0 || !text.accepted) return false;
    const auto ends_accounts = [&](const Action& action) {
      return std::ranges::any_of(
          action.calls, [](LifeCall call) { return call == LifeCall::logout || call == LifeCall::remove; });
    };
    for (const auto& action : world_.plan().actions) {
      if (action.kind == Action::Kind::clock) return false;
      // With its account the message is forgotten: whoever asks again under its id asks for another one.
      if (text.requests > 1 && ends_accounts(action)) return false;
    }
    const auto& ledger = world_.ledger();
    const auto found = ledger.statuses.find(text.from + "-" + std::to_string(text.engine));
    if (found == ledger.statuses.end()) return false;
    bool stopped = false;  // when it was accepted
    for (const auto& [wall, status] : found->second) {
      if (wall > text.accepted_at + text.expires_in) break;
      if (wall >= text.accepted_at && status != "stopped") return false;
      if (wall < text.accepted_at) stopped = status == "stopped";
    }
    return stopped;
  }

  // Rows and entries that no text of the plan explains.
  void check_strangers() {
    std::set<std::string> ids, bodies;
    for (const auto& text : texts_) {
      ids.insert(text.id);
      bodies.insert(text.body);
    }
    for (const auto& [index, said] : world_.ledger().said) ids.insert(said.id);
    for (const auto& [phone, seen] : seen_) {
      for (const auto& rows : seen.engines)
        for (const auto& [id, found] : rows)
          if (!found.empty() && !ids.contains(id)) fails("once", phone + " has a row for " + id);
      for (const auto& [body, found] : seen.phone)
        if (!found.empty() && !bodies.contains(body)) fails("once", phone + "'s phone shows '" + body + "'");
    }
  }

  // Of one sending device and recipient: in the order in which the texts were accepted. What the service
  // refuses once, without being heard, it takes later, out of order: who is refused is not looked at. Nor is
  // who is removed: a call that is repeated after that is a new one to whom has forgotten the first. And what
  // came without its content is there when that comes.
  void check_order() {
    std::map<std::string, const Text*> by_body, by_id;
    for (const auto& text : texts_) {
      by_body[text.body] = &text;
      by_id[text.id] = &text;
    }
    for (const auto& [phone, seen] : seen_) {
      Orders at_phone;
      for (const auto& message : seen.log)
        if (!message.from_me) in_order(at_phone, by_body[message.text], phone + "'s phone");
      if (awaits_.contains(phone)) continue;
      for (const auto& rows : seen.engines) {
        Orders at_engine;
        std::map<std::int64_t, const Text*> arrived;
        for (const auto& [id, found] : rows)
          for (const auto& row : found)
            if (!row.from_me) arrived[row.seq] = by_id[id];
        for (const auto& [seq, text] : arrived) in_order(at_engine, text, phone + "'s engine");
      }
    }
  }
  using Orders = std::map<std::string, const Text*>;
  void in_order(Orders& last, const Text* text, const std::string& where) {
    if (text == nullptr || text->order == 0) return;
    if (refused_.contains(text->from) || fickle_.contains(text->from)) return;
    std::string way = text->from + (text->by_phone ? " phone" : "-" + std::to_string(text->engine));
    if (!text->by_phone && world_.plan().mixed_forms) way += text->by_lid ? " by lid" : " by pn";
    const Text*& before = last[way];
    if (before != nullptr && before->order > text->order)
      fails("order", where + " has '" + text->body + "' after '" + before->body + "'");
    before = text;
  }

  void check_answers() {
    const bool died = world_.ledger().kills + world_.ledger().power_cuts > 0;
    for (const auto& text : texts_) {
      if (text.by_phone) continue;
      if (text.refused && text.refused->cause == Cause::cancelled && !text.cancelled &&
          !fickle_.contains(text.from))
        fails("answers",
              "'" + text.body + "' was told to be cancelled, and nobody did: " + text.refused->detail);
      if (text.answers > text.requests || (!died && text.answers < text.requests))
        fails("answers", "'" + text.body + "' was asked for " + std::to_string(text.requests) +
                             " times and answered " + std::to_string(text.answers) + " times");
    }
  }

  void check_violations() {
    for (const auto& violation : world_.service().world().trace.violations()) {
      // Set back to before it was given, a token is not there.
      const bool forgotten = world_.plan().set_back && fickle_.contains(violation.account);
      if (forgotten && violation.rule == "token-withheld") continue;
      fails("violation", violation.rule + " by " + violation.account + ":" +
                             std::to_string(violation.device) + ": " + violation.detail + " " +
                             violation.stanza);
    }
  }

  // What was acknowledged to the service is in the database.
  void check_receipts() {
    for (const auto* entry : world_.service().world().trace.newest("", kAll)) {
      const wire::Node& stanza = entry->stanza;
      if (!entry->from_client || entry->account.empty() || stanza.tag != "receipt") continue;
      const std::string type = stanza.attr("type"), id = stanza.attr("id");
      const auto chat = stanza.jid("to");
      // Whoever is new in a group may be heard of before it is: what was written meanwhile he asks for.
      if (type == "retry" && chat && chat->is_group()) continue;
      if (type == "retry") {
        if (!(fickle_.contains(entry->account) && world_.plan().set_back))
          fails("undecryptable", entry->account + " asked again for " + id);
        continue;
      }
      if ((!type.empty() && type != "sender" && type != "inactive") || fickle_.contains(entry->account))
        continue;
      bool there = false;
      for (auto& rows : seen_[entry->account].engines) there = there || !rows[id].empty();
      if (!there)
        fails("acknowledged-lost", entry->account + " acknowledged " + id + " and does not have it");
    }
  }

  // A Signal message key encrypts one plaintext: the same ratchet key and counter, the same ciphertext. And
  // a message that is sent again to the same devices carries the same ciphertexts, unless it was refused.
  void check_message_keys() {
    for (const auto* entry : world_.service().world().trace.newest("", kAll)) {
      if (!entry->from_client && entry->stanza.tag == "ack" && entry->stanza.has("error"))
        encrypted_anew_.insert(entry->account + ":" + std::to_string(entry->device) + " " +
                               entry->stanza.attr("id"));
      if (!entry->from_client || entry->stanza.tag != "message") continue;
      const std::string sender = entry->account + ":" + std::to_string(entry->device);
      const wire::Node* participants = entry->stanza.child("participants");
      if (participants == nullptr) {
        check_enc(sender + ">" + entry->stanza.attr("to"), "", entry->stanza.child("enc"));
        continue;
      }
      std::string devices;
      for (const auto& to : participants->children()) devices += " " + to.attr("jid");
      // One that went to others meanwhile, as when a phone number turns out to have a LID, is another one.
      auto& [before, turn] = sent_to_[sender + " " + entry->stanza.attr("id")];
      if (std::exchange(before, devices) != devices) ++turn;
      devices += " " + std::to_string(turn) + entry->stanza.attr("phash");
      // What waits in a backup is encrypted anew when that is in place: its ratchets are forgotten.
      const bool anew = encrypted_anew_.contains(sender + " " + entry->stanza.attr("id")) ||
                        (fickle_.contains(entry->account) && world_.plan().set_back);
      for (const auto& to : participants->children())
        check_enc(sender + ">" + to.attr("jid"), anew ? std::string() : entry->stanza.attr("id") + devices,
                  to.child("enc"));
    }
  }
  void check_enc(const std::string& way, const std::string& id, const wire::Node* enc) {
    if (enc == nullptr) return;
    Bytes bytes = enc->bytes();
    if (enc->is("type", "pkmsg")) bytes = bytes_field(bytes, 1, 4, 0);
    if (bytes.size() < 10) return;
    if (!id.empty()) {
      const auto [sent, first] = ciphertexts_.emplace(way + " " + id, hex_lower(crypto::sha256(bytes)));
      if (!first && sent->second != hex_lower(crypto::sha256(bytes)))
        fails("same-ciphertext", id + " went out anew to " + way);
    }
    const Bytes ratchet_key = bytes_field(bytes, 1, 1, kMac);
    const auto counter = number_field(bytes, 1, 2, kMac);
    const std::string key = way + " " + hex_lower(ratchet_key) + " " + std::to_string(counter);
    const std::string digest = hex_lower(crypto::sha256(bytes_field(bytes, 1, 4, kMac)));
    const auto [found, fresh] = message_keys_.emplace(key, digest);
    if (!fresh && found->second != digest) fails("message-key-twice", key);
  }

  // A field of the protobuf message in bytes[skip, size - tail).
  template <typename Visit>
  static void fields(ByteView bytes, std::size_t skip, std::size_t tail, Visit visit) {
    std::size_t at = skip;
    const std::size_t end = bytes.size() < tail ? 0 : bytes.size() - tail;
    const auto varint = [&]() {
      std::uint64_t value = 0;
      for (unsigned shift = 0; at < end && shift < 64; shift += 7) {
        const std::uint8_t byte = bytes[at++];
        value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0) break;
      }
      return value;
    };
    while (at < end) {
      const std::uint64_t tag = varint(), value = varint();
      const std::size_t size = (tag & 7) == 2 ? static_cast<std::size_t>(value) : 0;
      if (size > end - at) return;
      visit(tag >> 3, value, bytes.subspan(at, size));
      at += size;
    }
  }
  static Bytes bytes_field(ByteView bytes, std::size_t skip, std::uint64_t number, std::size_t tail) {
    Bytes out;
    fields(bytes, skip, tail, [&](std::uint64_t each, std::uint64_t, ByteView content) {
      if (each == number) out = to_bytes(content);
    });
    return out;
  }
  static std::uint64_t number_field(ByteView bytes, std::size_t skip, std::uint64_t number,
                                    std::size_t tail) {
    std::uint64_t out = 0;
    fields(bytes, skip, tail, [&](std::uint64_t each, std::uint64_t value, ByteView) {
      if (each == number) out = value;
    });
    return out;
  }

  static constexpr std::size_t kAll = 1'000'000;
  static constexpr std::size_t kMac = 8;

  World& world_;
  std::vector<std::string>& broken_;
  std::vector<Text> texts_;
  std::map<std::string, Seen> seen_;
  std::set<std::string> refused_, fickle_;   // accounts
  std::set<std::string> awaits_;             // accounts whose engines get messages without their contents
  std::map<std::string, std::size_t> late_;  // the engine that an account got later
  std::map<std::string, std::pair<std::string, int>>
      sent_to_;                           // device and id, to devices and how often they changed
  std::set<std::string> encrypted_anew_;  // messages that were refused: device and id
  std::map<std::string, std::string> message_keys_, ciphertexts_;  // to digests
};

// Every statement that a gateway of this world has prepared; the world itself counts rows.
void check_queries(World& world, std::vector<std::string>& broken) {
  for (const auto& host : world.hosts()) {
    if (!host->alive()) continue;
    for (const auto& walk : walks(host->database()))
      if (!walk.starts_with("SELECT count(*) FROM ")) broken.push_back("queries: " + walk);
  }
}

}  // namespace

void check_invariants(World& world, std::vector<std::string>& broken) {
  check_queries(world, broken);
  Check(world, broken).all();
  check_webhooks(world, broken);
  check_streams(world, broken);
  check_health(world, broken);
  check_pace(world, broken);
  check_lives(world, broken);
  check_groups(world, broken);
}

}  // namespace pigeond::sim
