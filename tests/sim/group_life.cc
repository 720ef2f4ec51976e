#include "group_life.h"

#include <utility>

#include "base/text.h"
#include "engine/groups/membership.h"
#include "engine/messages/kinds/about/addon.h"
#include "engine/messages/kinds/about/edit.h"
#include "engine/messages/kinds/about/reaction.h"
#include "engine/messages/kinds/about/revoke.h"
#include "engine/messages/kinds/about/vote.h"
#include "engine/messages/kinds/poll.h"
#include "engine/messages/kinds/text.h"
#include "wire/proto.h"

namespace pigeond::sim {
namespace {

using Kind = GroupAction::Kind;
constexpr const char* kThumb = "\xf0\x9f\x91\x8d";

wire::Node group_request(const std::string& type, const std::string& group, wire::Node child) {
  wire::Node iq("iq");
  iq.set("type", type).set("id", "p1").set("xmlns", "w:g2").set("to", wire::Jid{group, wire::server::kGroup});
  return iq.add(std::move(child));
}

engine::Content content_of(const GroupAction& action) {
  if (action.kind == Kind::poll) return engine::poll_content(action.body, {"yes", "no", "maybe"}, false);
  return engine::text_content(action.body);
}

engine::Saying saying_of(const GroupAction& action) {
  if (action.kind == Kind::vote) return engine::Vote{{action.body}};
  if (action.kind == Kind::edit) return engine::Edit{action.body};
  if (action.kind == Kind::revoke) return engine::Revoke{};
  return engine::Reaction{kThumb};
}

sandbox::Phone::Look look_of(Kind kind) {
  sandbox::Phone::Look look;
  if (kind == Kind::poll || kind == Kind::vote) look.type = "poll";
  if (kind == Kind::poll) look.poll = "creation";
  if (kind == Kind::vote) look.poll = "vote";
  if (kind == Kind::reaction) look.type = "reaction";
  if (kind == Kind::edit) look.edit = "1";
  if (kind == Kind::revoke) look.edit = "7";
  look.hidden = kind == Kind::vote || kind == Kind::edit || kind == Kind::reaction;
  return look;
}

}  // namespace

void GroupLife::begin() {
  if (environment_.groups.groups.empty()) return;
  watch();
  for (const auto& planned : environment_.groups.groups) {
    sandbox::NewGroup wanted;
    wanted.creator = account(planned.creator).phone;
    for (const std::size_t member : planned.members) wanted.members.push_back(account(member).phone);
    wanted.subject = "group " + std::to_string(ids_.size());
    wanted.addressing = planned.by_lid ? sandbox::Form::lid : sandbox::Form::pn;
    const auto id = environment_.service.create_group(environment_.timeline.now(), wanted);
    if (!id) broken("world: no group: " + id.error().detail);
    ids_.push_back(id ? *id : "");
    environment_.network.pump();
  }
  note_members();
  for (std::size_t index = 0; index < environment_.groups.actions.size(); ++index)
    environment_.timeline.after(environment_.groups.actions[index].at, [this, index] { perform(index); });
}

const sandbox::Group& GroupLife::group(const GroupAction& action) const {
  return environment_.service.world().groups.at(ids_[action.group]);
}

// In the form of the group.
wire::Jid GroupLife::address(std::size_t index, std::size_t group) const {
  return environment_.groups.groups[group].by_lid ? wire::lid(account(index).lid)
                                                  : wire::pn(account(index).phone);
}

// --- what the service takes ---

void GroupLife::watch() {
  environment_.service.world().group_message = [this](const sandbox::DeviceRef& from,
                                                      const sandbox::Group& group, const wire::Node& message,
                                                      bool told) { taken(from, group, message, told); };
}

// Who is in the group just now is to have it, and a phone that was in it may have kept its keys: whoever
// knows that it is gone writes with another one.
void GroupLife::taken(const sandbox::DeviceRef& from, const sandbox::Group& group, const wire::Node& message,
                      bool told) {
  note_members();
  auto& world = environment_.service.world();
  Posting& posting = environment_.ledger.postings[{from, message.attr("id")}];
  posting.order = environment_.ledger.next_order++;
  posting.group = group.id;
  for (const auto& [phone, rank] : group.members)
    for (const auto& [number, device] : world.accounts.at(phone).devices)
      if (sandbox::DeviceRef{phone, number} != from) posting.readers.insert({phone, number});
  std::string keyed;
  if (const wire::Node* participants = message.child("participants"))
    for (const auto& to : participants->children()) keyed += " " + to.attr("jid");
  environment_.timeline.note("service", "takes " + message.attr("id") + " of " + from.phone + ":" +
                                            std::to_string(from.number) + " to " + group.id +
                                            (keyed.empty() ? "" : ", with a key for" + keyed));
  const wire::Node* text = message.child("enc");
  if (!told || text == nullptr) return;
  for (const auto& [phone, account] : world.accounts)
    if (!group.has(phone) && environment_.service.phone(phone)->can_read(group, from, text->bytes()))
      broken("group-secrecy: " + message.attr("id") + " of " + from.phone + ":" +
             std::to_string(from.number) + " can be read by " + phone + ", who is not in the group any more");
}

void GroupLife::note_members() {
  for (const auto& id : ids_) {
    const auto found = environment_.service.world().groups.find(id);
    if (found == environment_.service.world().groups.end()) continue;
    auto& known = environment_.ledger.members[id];
    for (const auto& [phone, left] : known)
      if (!found->second.has(phone)) known[phone] = true;
    for (const auto& [phone, rank] : found->second.members) known.emplace(phone, false);
  }
}

// --- what people do ---

void GroupLife::perform(std::size_t index) {
  const GroupAction& action = environment_.groups.actions[index];
  environment_.timeline.note("plan", describe(environment_.plan, action));
  note_members();
  if (action.kind == Kind::release) {
    if (!environment_.service.release_withheld(environment_.timeline.now(), account(action.from).phone))
      broken("world: nobody to release for");
    environment_.network.pump();
  } else {
    is_said(action.kind) ? say(index) : change(action);
  }
  note_members();
}

void GroupLife::change(const GroupAction& action) {
  if (action.by_phone) return change_by_phone(action);
  const PlannedAccount& who = account(action.from);
  Host& host = environment_.host_of(who, action.engine);
  const wire::Jid jid = group(action).jid();
  if (action.kind == Kind::leave) return host.leave_group(who.session(action.engine), jid);
  const auto change = action.kind == Kind::add      ? engine::MemberChange::add
                      : action.kind == Kind::remove ? engine::MemberChange::remove
                      : action.kind == Kind::demote ? engine::MemberChange::demote
                                                    : engine::MemberChange::promote;
  host.change_members(who.session(action.engine), jid, change, address(action.whom, action.group));
}

void GroupLife::change_by_phone(const GroupAction& action) {
  static constexpr const char* kTags[] = {"add", "remove", "promote", "demote"};
  const sandbox::Group& which = group(action);
  wire::Node child("leave");
  std::string to = which.id;
  if (action.kind == Kind::leave) {
    child.add(wire::Node("group").set("id", which.jid()));
    to.clear();
  } else if (action.kind == Kind::join) {
    child = wire::Node("invite");
    child.set("code", which.invite_code);
    to.clear();
  } else {
    child = wire::Node(kTags[static_cast<int>(action.kind) - static_cast<int>(Kind::add)]);
    child.add(wire::Node("participant").set("jid", address(action.whom, action.group)));
  }
  if (!environment_.service.ask_groups(environment_.timeline.now(), account(action.from).phone,
                                       group_request("set", to, std::move(child))))
    broken("world: nobody to ask for a group");
  environment_.network.pump();
}

// --- what people say ---

void GroupLife::say(std::size_t index) {
  const GroupAction& action = environment_.groups.actions[index];
  const auto target =
      action.about ? environment_.ledger.said.find(*action.about) : environment_.ledger.said.end();
  if (action.about && (target == environment_.ledger.said.end() || !target->second.accepted)) return;
  if (action.by_phone && !group(action).has(account(action.from).phone)) return;
  Utterance& said = environment_.ledger.said[index];
  said.id = "3EB0" + hex_upper(environment_.random.bytes(9));
  action.by_phone ? say_by_phone(index) : say_by_engine(index);
}

void GroupLife::say_by_engine(std::size_t index) {
  const GroupAction& action = environment_.groups.actions[index];
  const PlannedAccount& who = account(action.from);
  Utterance& said = environment_.ledger.said[index];
  gateway::SendRequest request;
  request.session = who.session(action.engine);
  request.to = group(action).jid();
  request.id = said.id;
  request.queue = true;
  if (action.about) {
    const std::size_t author = environment_.groups.actions[*action.about].from;
    engine::MessageRef target{environment_.ledger.said[*action.about].id, author == action.from};
    target.author = address(author, action.group);
    target.chat = request.to;
    request.about = engine::Remark{target, saying_of(action)};
  } else {
    request.content = content_of(action);
  }
  environment_.host_of(who, action.engine).say(std::move(request), index);
  const Millis patience = 20 * kSecond + static_cast<Millis>(environment_.random.below(40 * kSecond));
  environment_.timeline.after(patience, [this, index] {
    const Utterance& asked = environment_.ledger.said[index];
    if (!asked.confirmed && !(asked.refused && is_final(*asked.refused))) say_by_engine(index);
  });
}

void GroupLife::say_by_phone(std::size_t index) {
  const GroupAction& action = environment_.groups.actions[index];
  const std::string& phone = account(action.from).phone;
  Utterance& said = environment_.ledger.said[index];
  const std::string chat = group(action).jid().text();
  const auto now_ms = environment_.timeline.now().wall;
  Bytes message;
  if (action.about) {
    const GroupAction& about = environment_.groups.actions[*action.about];
    const std::string target = environment_.ledger.said[*action.about].id;
    const auto* known = environment_.service.phone(phone)->log().find(target);
    if (known == nullptr) {  // it has not got it
      environment_.ledger.said.erase(index);
      return;
    }
    wa_MessageKey key{};
    key.remoteJID = chat;
    key.has_fromMe = true;
    key.fromMe = about.from == action.from;
    key.id = target;
    key.participant = address(about.from, action.group).text();
    if (action.kind == Kind::vote) {
      const auto poll = wire::proto::decode<wa_Message>(known->content);
      const Bytes secret = poll ? poll->messageContextInfo.messageSecret : Bytes();
      const engine::Addon addon{engine::kPollVote, target, key.participant,
                                address(action.from, action.group).text()};
      message = engine::vote_content(key,
                                     engine::seal_addon(secret, addon, engine::vote_plaintext({action.body}),
                                                        environment_.random),
                                     now_ms)
                    .message;
    } else if (action.kind == Kind::edit) {
      auto now_says = std::make_unique<wa_Message>();
      now_says->conversation = action.body;
      message = engine::edit_content(key, std::move(now_says), now_ms).message;
    } else if (action.kind == Kind::revoke) {
      message = engine::revoke_content(key).message;
    } else {
      message = engine::reaction_content(key, kThumb, now_ms).message;
    }
  } else {
    engine::Framing framing;
    framing.secret = environment_.random.array<32>();
    const auto framed = engine::framed(content_of(action), framing);
    if (!framed) return broken("world: a phone could not write: " + framed.error().detail);
    message = *framed;
  }
  const auto id = environment_.service.send_content(environment_.timeline.now(), phone, chat, message,
                                                    look_of(action.kind), said.id);
  environment_.network.pump();
  if (!id) return broken("world: a phone could not write to a group: " + id.error().detail);
  said.accepted = said.confirmed = true;
}

}  // namespace pigeond::sim
