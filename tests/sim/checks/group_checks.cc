#include "checks/group_checks.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/text.h"
#include "store/account/groups.h"
#include "wire/jid.h"
#include "world.h"

namespace pigeond::sim {
namespace {

using Kind = GroupAction::Kind;

bool is_change(Kind kind) {
  return kind == Kind::edit || kind == Kind::revoke;
}

struct GroupRow {
  int count = 0, ack = 0;
  std::string type, content;
};

// One engine, as its database and the receiver of its webhooks saw what was said in groups.
struct Side {
  std::string phone, session;
  Host* host = nullptr;
  std::int64_t id = 0;
  std::optional<sandbox::DeviceRef> device;
  bool settled = true;  // it was this device all the time, and is not set back
  bool knows_all_told = true;
  std::map<std::string, GroupRow> rows;                                       // by message id
  std::map<std::string, std::map<std::string, std::set<std::int64_t>>> told;  // by message id, by words
};

class GroupCheck {
 public:
  GroupCheck(World& world, std::vector<std::string>& broken) : world_(world), broken_(broken) {}

  void all() {
    if (world_.group_plan().groups.empty()) return;
    look();
    for (const auto& [sender, posting] : world_.ledger().postings) posted_[sender.second] = &posting;
    for (const auto& [index, said] : world_.ledger().said) check_said(index, said);
    for (auto& side : sides_) {
      check_state(side);
      check_votes(side);
      check_strangers(side);
      check_metadata(side);
    }
  }

 private:
  void fails(const std::string& invariant, const std::string& what) {
    broken_.push_back(invariant + ": " + what);
  }

  void look() {
    for (const auto& action : world_.plan().actions) {
      if (action.kind == Action::Kind::lock) refused_.insert(world_.plan().accounts[action.from].phone);
      if (action.kind != Action::Kind::fault) continue;
      const auto kind = action.fault.kind;
      if (kind == sandbox::FaultKind::ack_error || kind == sandbox::FaultKind::token_required)
        refused_.insert(action.fault.account);
      if (kind == sandbox::FaultKind::unavailable || kind == sandbox::FaultKind::withheld)
        awaits_.insert(action.fault.account);
    }
    for (const auto& account : world_.plan().accounts) {
      if (account.fickle) fickle_.insert(account.phone);
      for (std::size_t k = 0; k < account.hosts.size(); ++k) look(account, k);
    }
  }

  void look(const PlannedAccount& account, std::size_t engine) {
    Side side;
    side.phone = account.phone;
    side.session = account.session(engine);
    side.host = &world_.host_of(account, engine);
    const auto id = side.host->alive() ? side.host->session_id(side.session) : std::nullopt;
    if (!id) return;
    side.id = *id;
    side.settled = !account.fickle && world_.plan().set_back != account.hosts[engine];
    const auto& ledger = world_.ledger();
    const auto replayed = ledger.replayed.find(side.session);
    side.knows_all_told = side.settled && (replayed == ledger.replayed.end() || replayed->second.empty());
    auto own = side.host->database().prepare("SELECT pn FROM credentials WHERE session_id = ?");
    own.bind(*id);
    if (own.step())
      if (const auto jid = wire::parse_jid(own.text(0))) side.device = {account.phone, jid->device};
    auto rows = side.host->database().prepare(
        "SELECT id, ack, type, content FROM message WHERE session_id = ? AND chat LIKE '%@g.us'");
    rows.bind(*id);
    while (rows.step()) {
      GroupRow& row = side.rows[rows.text(0)];
      ++row.count;
      row.ack = static_cast<int>(rows.integer(1));
      row.type = rows.text(2);
      row.content = std::string(as_text(rows.blob(3)));
    }
    if (const auto told = ledger.webhooks.find(side.session); told != ledger.webhooks.end())
      for (const auto& delivery : told->second) {
        const std::string words = delivery.body.substr(0, delivery.body.find(" in "));
        const std::size_t begin = words.find(' ') + 1;
        if (words.starts_with("message ") || words.starts_with("about "))
          side.told[words.substr(begin, words.find(' ', begin) - begin)][words].insert(delivery.id);
      }
    sides_.push_back(std::move(side));
  }

  const GroupAction& action(std::size_t index) const { return world_.group_plan().actions[index]; }
  const std::string& author(std::size_t index) const {
    return world_.plan().accounts[action(index).from].phone;
  }
  std::string name(std::size_t index, const Utterance& said) const {
    return "'" + describe(world_.plan(), action(index)) + "' (" + said.id + ")";
  }
  const Posting* posting(const Utterance& said) const {
    const auto found = posted_.find(said.id);
    return found == posted_.end() ? nullptr : found->second;
  }
  bool stayed(const std::string& phone, const std::string& group) const {
    const auto& known = world_.ledger().members.at(group);
    const auto found = known.find(phone);
    return found != known.end() && !found->second;
  }
  // Where it can't be read at first, who has sent it is asked for it: he must be there still, as must who
  // asks.
  bool must_arrive(std::size_t index, const Posting& posting, const std::string& reader) const {
    const bool sender =
        stayed(author(index), posting.group) && (action(index).by_phone || !fickle_.contains(author(index)));
    return sender && stayed(reader, posting.group) && !fickle_.contains(reader);
  }

  void check_said(std::size_t index, const Utterance& said) {
    const Posting* posting = this->posting(said);
    const bool settled = !fickle_.contains(author(index));
    if (said.confirmed && posting == nullptr && settled && !phone_refused(index, said))
      fails("group-confirmed", name(index, said) + " was told sent, and the service has not got it");
    if (!action(index).by_phone) check_own(index, said, posting);
    if (posting == nullptr) return;
    for (const auto& reader : posting->readers)
      if (reader.number == 0)
        check_phone(index, said, *posting, reader.phone);
      else
        for (auto& side : sides_)
          if (side.device == reader) check_side(index, said, *posting, side);
  }

  // A phone does not hear of a refusal before it has said that it sent.
  bool phone_refused(std::size_t index, const Utterance& said) {
    if (!action(index).by_phone) return false;
    const auto* entry = world_.service().phone(author(index))->log().find(said.id);
    return entry != nullptr && entry->ack == "error";
  }

  void check_own(std::size_t index, const Utterance& said, const Posting* posting) {
    const std::string session = world_.plan().accounts[action(index).from].session(action(index).engine);
    for (auto& side : sides_) {
      if (side.session != session || !side.settled) continue;
      const auto row = side.rows.find(said.id);
      const int count = row == side.rows.end() ? 0 : row->second.count;
      if (said.accepted && count == 0)
        fails("group-lost", name(index, said) + " was accepted, and its sender knows nothing of it");
      if (posting != nullptr && count == 0)
        fails("group-durable", name(index, said) + " left, and its sender knows nothing of it");
      if (count > 1) fails("group-once", name(index, said) + " has several rows at its sender");
      if (count == 0) continue;
      if (row->second.ack == 0) fails("group-ends", name(index, said) + " has neither arrived nor failed");
      if (row->second.ack > 0 && posting == nullptr)
        fails("group-confirmed", name(index, said) + " has its tick, and the service has not got it");
      static const std::set<Cause> harmless = {Cause::rate_limited,  Cause::no_ack,    Cause::already_exists,
                                               Cause::shutting_down, Cause::cancelled, Cause::not_linked,
                                               Cause::logged_out,    Cause::expired,   Cause::not_a_member,
                                               Cause::admins_only};
      if (row->second.ack < 0 && said.refused && !refused_.contains(side.phone) &&
          !harmless.contains(said.refused->cause))
        fails("group-cause", name(index, said) + " ended with " +
                                 std::string(cause_name(said.refused->cause)) + ": " + said.refused->detail);
    }
  }

  void check_phone(std::size_t index, const Utterance& said, const Posting& posting,
                   const std::string& phone) {
    auto& log = world_.service().phone(phone)->log();
    const bool must = must_arrive(index, posting, phone);
    const std::string where = " at " + phone + "'s phone";
    if (is_change(action(index).kind)) {
      const auto* target = log.find(world_.ledger().said.at(*action(index).about).id);
      if (target == nullptr) return;
      const auto count = std::count_if(target->amendments.begin(), target->amendments.end(),
                                       [&](const auto& each) { return each.id == said.id; });
      if (count == 0 && must) fails("group-lost", name(index, said) + " changed nothing" + where);
      for (const auto& each : target->amendments)
        if (each.id == said.id && each.text != action(index).body)
          fails("group-change", name(index, said) + " says '" + each.text + "'" + where);
      return;
    }
    const auto* entry = log.find(said.id);
    if (entry == nullptr) {
      if (must) fails("group-lost", name(index, said) + " is not there:" + where);
      return;
    }
    if (entry->chat.user != posting.group ||
        (action(index).kind == Kind::text && entry->text != action(index).body))
      fails("group-content",
            name(index, said) + " is '" + entry->text + "' in " + entry->chat.text() + where);
  }

  void check_side(std::size_t index, const Utterance& said, const Posting& posting, Side& side) {
    const Kind kind = action(index).kind;
    const bool must = side.settled && must_arrive(index, posting, side.phone) &&
                      !(is_change(kind) && awaits_.contains(side.phone));
    const auto row = side.rows.find(said.id);
    const int count = row == side.rows.end() ? 0 : row->second.count;
    const std::string what = name(index, said) + " in " + side.session;
    if (count > 1) fails("group-once", what + " has " + std::to_string(count) + " rows");
    if (count == 0 && must) fails("group-lost", what + " is not there");
    if (!side.knows_all_told) return;
    std::set<std::int64_t> tellings;
    for (const auto& [words, ids] : side.told[said.id]) tellings.insert(ids.begin(), ids.end());
    if (tellings.size() > 1)
      fails("group-once", what + " was told " + std::to_string(tellings.size()) + " times");
    if (count == 0 || !must || !action(index).about) return;
    const std::string& target = world_.ledger().said.at(*action(index).about).id;
    if (!side.rows.contains(target) || awaits_.contains(side.phone)) return;
    const char* word = kind == Kind::vote     ? "vote"
                       : kind == Kind::edit   ? "edited"
                       : kind == Kind::revoke ? "revoked"
                                              : "reaction";
    const std::string begin = "about " + said.id + " " + word + " " + target + " '" +
                              (kind == Kind::vote || kind == Kind::edit ? action(index).body + "'" : "");
    for (const auto& [words, ids] : side.told[said.id])
      if (!words.starts_with(begin)) fails("group-content", what + " was told as \"" + words + "\"");
    if (side.told[said.id].empty()) fails("group-told", what + " was told to nobody");
  }

  // A text says what its last edit says, and nothing once it is deleted.
  void check_state(Side& side) {
    if (!side.settled || awaits_.contains(side.phone)) return;
    std::map<std::size_t, std::map<std::uint64_t, std::size_t>> changes;  // by target, in order
    for (const auto& [index, said] : world_.ledger().said) {
      const Posting* posting = this->posting(said);
      if (posting == nullptr || !is_change(action(index).kind) || !side.rows.contains(said.id)) continue;
      changes[*action(index).about][posting->order] = index;
    }
    for (const auto& [target, ordered] : changes) {
      const Utterance& said = world_.ledger().said.at(target);
      const auto row = side.rows.find(said.id);
      if (row == side.rows.end() || refused_.contains(author(target))) continue;
      const bool deleted = std::any_of(ordered.begin(), ordered.end(), [&](const auto& each) {
        return action(each.second).kind == Kind::revoke;
      });
      const GroupAction& last = action(ordered.rbegin()->second);
      const std::string what = name(target, said) + " in " + side.session;
      if (deleted && (row->second.type != "revoked" || !row->second.content.empty()))
        fails("group-change", what + " was deleted, and is there");
      if (!deleted && row->second.content.find(last.body) == std::string::npos)
        fails("group-change", what + " does not say '" + last.body + "', its last edit");
    }
  }

  // As a program counts that hears of each vote: the last one of each voter.
  void check_votes(Side& side) {
    if (!side.knows_all_told || awaits_.contains(side.phone)) return;
    std::map<std::pair<std::size_t, std::string>, std::map<std::uint64_t, std::size_t>> cast;
    for (const auto& [index, said] : world_.ledger().said) {
      const Posting* posting = this->posting(said);
      if (posting == nullptr || action(index).kind != Kind::vote || author(index) == side.phone) continue;
      if (!side.device || !posting->readers.contains(*side.device)) continue;
      cast[{*action(index).about, author(index)}][posting->order] = index;
    }
    for (const auto& [which, votes] : cast) {
      const auto& [poll, voter] = which;
      if (!side.rows.contains(world_.ledger().said.at(poll).id) || refused_.contains(voter)) continue;
      const std::size_t last = votes.rbegin()->second;
      const Utterance& said = world_.ledger().said.at(last);
      if (!must_arrive(last, *posting(said), side.phone)) continue;
      std::map<std::int64_t, std::string> told;
      for (const auto& [order, index] : votes)
        for (const auto& [words, ids] : side.told[world_.ledger().said.at(index).id])
          for (const std::int64_t id : ids) told[id] = words;
      const std::string option = "'" + action(last).body + "'";
      if (!told.empty() && told.rbegin()->second.find(option) == std::string::npos)
        fails("group-votes", side.session + " counts \"" + told.rbegin()->second + "\" of " + voter +
                                 ", whose last vote is " + name(last, said));
    }
  }

  void check_strangers(const Side& side) {
    std::set<std::string> ids;
    for (const auto& [index, said] : world_.ledger().said) ids.insert(said.id);
    for (const auto& [id, row] : side.rows)
      if (!ids.contains(id)) fails("group-once", side.session + " has a row for " + id);
  }

  void check_metadata(Side& side) {
    store::Groups groups(side.host->database(), side.id);
    for (const auto& [id, group] : world_.service().world().groups) {
      const auto row = groups.find(group.jid());
      const bool in = group.has(side.phone);
      const std::string what = side.session + " and group " + id + ": ";
      if (!in && row && row->present && !row->stale)
        fails("group-metadata", what + "it is not in it any more");
      if (!in || !row || row->stale) continue;
      if (!row->present) {
        fails("group-metadata", what + "it is in it, and does not know");
        continue;
      }
      std::map<std::string, int> known, is;
      for (const auto& member : groups.members(group.jid()))
        known[member.jid.text()] = static_cast<int>(member.rank);
      for (const auto& [phone, rank] : group.members)
        is[world_.service().world().accounts.at(phone).jid(group.addressing).text()] = static_cast<int>(rank);
      if (known == is) continue;
      std::string words;
      for (const auto& [jid, rank] : known) words += " " + jid + "=" + std::to_string(rank);
      words += "; in it are";
      for (const auto& [jid, rank] : is) words += " " + jid + "=" + std::to_string(rank);
      fails("group-metadata", what + "it knows of" + words);
    }
  }

  World& world_;
  std::vector<std::string>& broken_;
  std::vector<Side> sides_;
  std::map<std::string, const Posting*> posted_;  // by message id
  std::set<std::string> refused_, fickle_, awaits_;
};

}  // namespace

void check_groups(World& world, std::vector<std::string>& broken) {
  GroupCheck(world, broken).all();
}

}  // namespace pigeond::sim
