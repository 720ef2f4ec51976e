// The way of a message out, to a group: who is in it, on which devices, with which keys; then its stanza. A
// group that is known, and of which nothing has changed, costs no question.
#include <utility>

#include "engine/messages/groups/roster.h"
#include "engine/messages/out/outgoing.h"
#include "wire/codec.h"

namespace pigeond::engine {
namespace {

// A device that turns out to be gone drops the list that named it, which is asked for once more.
constexpr int kListQueries = 3;
// A service that always knows other devices than we do is not asked after each message.
constexpr Millis kDoubtAgain = 10 * kMinute;
constexpr std::size_t kDoubted = 1000;  // groups

// Why the account may not write there, as far as is known.
std::optional<Error> bar(Desk& desk, const Group& group) {
  if (!group.facts.present) return trouble_named(cause_name(Cause::not_a_member), 0);
  if (!group.facts.announce) return std::nullopt;
  for (const wire::Jid& own : {desk.context.credentials.lid, desk.context.credentials.pn}) {
    const GroupMember* member = own.empty() ? nullptr : group.find(own.without_device());
    if (member != nullptr && member->rank != Rank::member) return std::nullopt;
  }
  return trouble_named(cause_name(Cause::admins_only), 0);
}

// 401 and 403 of the directory's question are explained there.
Error unanswered(const Error& error) {
  if (error.cause == Cause::forbidden) return trouble_named(cause_name(Cause::not_a_member), 0);
  if (error.cause == Cause::not_found)
    return fail(Cause::unknown_address, Field::recipient, "there is no such group");
  return error;
}

}  // namespace

// That it may not write is believed only after the service was asked: somebody may have been promoted since.
Outgoing::Prepared Outgoing::prepare_group(Job& job, Error& why) {
  job.admitted = true;
  const auto group = desk_.groups.known(job.chat);
  const auto barred = group ? bar(desk_, *group) : std::nullopt;
  if (std::exchange(job.renew_address, false) || !group || (barred && !job.asked_group)) {
    ask_group(job);
    return Prepared::waiting;
  }
  job.renew_keys = false;
  if (barred) {
    why = *barred;
    return Prepared::failed;
  }
  const auto& plan = groups_.plan(group);
  if (!plan.unlisted.empty() && job.asked_devices < kListQueries) {
    ask_members_devices(job, plan.unlisted);
    return Prepared::waiting;
  }
  if (!job.phash.empty() && plan.phash == job.phash) {  // the devices turn out to be the same
    const auto bytes = desk_.outbox.stanza(job.seq);
    if (const auto stanza = bytes ? wire::decode(*bytes) : Result<wire::Node>(Error{})) {
      job.encrypted = true;
      write_stored(job, *stanza, job.chat);
      return Prepared::ready;
    }
  }
  if (!plan.wanting.empty() && awaits_hand_out(job)) return Prepared::waiting;
  std::vector<wire::Jid> without = groups_.without_session(plan);
  std::erase_if(without, [&](const wire::Jid& device) { return job.asked_keys.contains(device); });
  if (!without.empty()) {
    ask_members_keys(job, std::move(without));
    return Prepared::waiting;
  }
  const Status loaded = load_content(job);
  // Of a version before this one the service may have taken the key, and drops this one as a duplicate.
  const std::int64_t given_in = job.in_doubt ? store::KeyHolder::kAgain : job.seq;
  auto out =
      loaded ? groups_.encrypt(given_in, job.id, group, job.content) : Result<FannedOut>(loaded.error());
  job.content = Bytes();
  if (!out) {
    why = out.error();
    return Prepared::failed;
  }
  wire::Node stanza;
  encrypted(job, std::move(*out), stanza);
  count_recipients(job, *group);
  write(job, stanza);
  return Prepared::ready;
}

// Whom it is encrypted for is who is to get it: who joins later, and who leaves, changes nothing about that.
// Receipts have rows when they come, and until then the number is all there is.
void Outgoing::count_recipients(const Job& job, const Group& group) {
  for (const auto& row : desk_.messages.heads(job.id))
    if (row.from_me && row.chat == job.chat) desk_.receipts.set_recipients(row.seq, others_in(desk_, group));
}

// One message hands the key out at a time: what is behind it would hand it out to all of them once more.
// It goes on when that one has ended.
bool Outgoing::awaits_hand_out(const Job& job) {
  const std::int64_t other = groups_.handing_out(job.chat);
  return other != 0 && other != job.seq && jobs_.find(other) != nullptr;
}

void Outgoing::ask_group(Job& job) {
  job.waiting = job.asked_group = true;
  job.waiting_for = Waiting::group;
  desk_.groups.refresh(job.chat, [this, seq = job.seq](const Result<GroupDirectory::Known>& told) {
    answered(seq, told ? Status() : Status(unanswered(told.error())));
  });
}

// Whom the answer leaves out the message goes without (GroupSending::left_out).
void Outgoing::ask_members_devices(Job& job, std::vector<wire::Jid> users) {
  job.waiting = true;
  job.waiting_for = Waiting::devices;
  ++job.asked_devices;
  wire::Node query = usync_query(desk_.stanzas.next_id(), "message", {"devices", "lid"}, users);
  desk_.query(std::move(query),
              [this, seq = job.seq, users = std::move(users)](const Result<wire::Node>& answer) {
                if (!answer) return answered(seq, answer.error());
                learn_users(desk_, *answer);
                groups_.left_out(users);
                answered(seq, Status());
              });
}

void Outgoing::ask_members_keys(Job& job, std::vector<wire::Jid> devices) {
  job.waiting = true;
  job.waiting_for = Waiting::keys;
  job.asked_keys.insert(devices.begin(), devices.end());
  setup_.fetch(devices, SessionSetup::Existing::keep, [this, seq = job.seq, devices](const Status& status) {
    if (status) groups_.asked_in_vain(devices);
    answered(seq, status);
  });
}

void Outgoing::write_group_again(Job& job, const wire::Node& stanza) {
  const auto group = desk_.groups.known(job.chat);
  const bool same = group && groups_.plan(group).phash == job.phash;
  same ? write_stored(job, stanza, job.chat) : prepare_again(job);
}

// The service has the message, and knows other devices of the group than it was told.
void Outgoing::doubt_group(const wire::Jid& group) {
  const Millis mono = desk_.context.now.mono;
  std::erase_if(doubted_, [mono](const auto& each) { return each.second + kDoubtAgain <= mono; });
  if (doubted_.size() >= kDoubted || !doubted_.emplace(group, mono).second) return;
  drop_lists(group);
  desk_.groups.refresh(group, [](const Result<GroupDirectory::Known>&) {});
}

void Outgoing::drop_lists(const wire::Jid& group) {
  desk_.devices.drop(desk_.context.credentials.pn);
  if (const auto known = desk_.groups.last_known(group))
    for (const auto& member : known->members) desk_.devices.drop(member.jid);
}

}  // namespace pigeond::engine
