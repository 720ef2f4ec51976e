// The way of a message out, its beginning: a request becomes a row with its final id.
#include <utility>

#include "base/limits.h"
#include "engine/messages/about/hearing.h"
#include "engine/messages/about/talking.h"
#include "engine/messages/kinds/content.h"
#include "engine/messages/kinds/kind.h"
#include "engine/messages/kinds/timer.h"
#include "engine/messages/out/mentions.h"
#include "engine/messages/out/message_id.h"
#include "engine/messages/out/outgoing.h"
#include "engine/messages/out/timer_of_chat.h"

namespace pigeond::engine {

void Outgoing::accept(Send request) {
  request.to = desk_.dialled.account(request.to);
  const wire::Jid shown = desk_.lids.shown(request.to);
  const auto refuse = [&](Error why) {
    desk_.context.emit(SendDone{request.request, request.id, shown, 0, std::move(why)});
  };
  if (request.to.is_broadcast() || request.to.is_newsletter())
    return refuse(
        fail(Cause::unsupported, Field::recipient, "sending to lists and channels is not supported yet"));
  if (!(request.to.is_user() || request.to.is_group()) || request.to.user.empty())
    return refuse(fail(Cause::bad_input, Field::recipient, "is not the address of a user or a group"));
  if (request.id.size() > limits::kMessageId)
    return refuse(fail(Cause::bad_input, Field::message_id,
                       "must be at most " + std::to_string(limits::kMessageId) + " characters"));
  jobs_.load();
  if (jobs_.size() >= limits::kOutbox)
    return refuse(fail(Cause::rate_limited,
                       "the outbox is full: " + std::to_string(limits::kOutbox) + " messages wait"));
  if (!request.id.empty() && already_known(request)) return;
  // Of a timer that is set the same request has the same content; its time is now.
  if (auto timer = timer_set_by(request.content); timer && timer->set == 0) {
    timer->set = desk_.context.server_seconds();
    request.content = timer_content(*timer);
  }
  auto content = build(request);
  if (!content) return refuse(content.error());
  const auto message = wire::proto::decode<wa_Message>(*content);
  const Kind* kind = message ? kind_of(*innermost(*message)) : nullptr;
  if (kind == nullptr) return refuse(fail(Cause::bad_input, "the content is of no known kind"));
  if (request.id.empty())
    request.id = make_message_id(desk_.context.server_seconds(), desk_.context.credentials.pn.user,
                                 desk_.context.random);

  store::MessageRow row;
  row.id = request.id;
  row.chat = desk_.lids.canonical(request.to.without_device());
  row.sender = own_address(row.chat);
  row.from_me = row.from_api = true;
  row.timestamp = desk_.context.server_seconds();
  row.type = kind->type;
  row.content = *content;
  row.by_lid = forms_of(desk_, row.chat).pn.empty() && row.chat.is_lid();
  desk_.messages.insert(row);
  // From now on what is sent there says it, too.
  if (const auto timer = timer_set_by(*message)) desk_.timers.set(row.chat, *timer, row.timestamp);
  // What the id names is the account: while that may turn out to be another one, programs are not told of it.
  const bool untold = !request.told_at_once && is_unknown_number(request.to.without_device());
  if (!untold) show(*message, row);

  store::OutboxRow waiting;
  waiting.id = request.id;
  waiting.chat = request.to.without_device();
  waiting.created = desk_.context.now.wall;
  waiting.expires = request.expires;
  waiting.untold = untold;
  Job job;
  job.seq = desk_.outbox.insert(waiting, std::nullopt);
  job.id = request.id;
  job.chat = waiting.chat;
  job.content = std::move(*content);
  job.accepted = row.timestamp;
  job.expires = request.expires;
  job.untold = untold;
  const std::int64_t seq = job.seq;
  const std::string queue = jobs_.add(std::move(job)).queue;
  pump(queue);
  if (Job* left = jobs_.find(seq)) left->content = Bytes();
}

void Outgoing::show(const wa_Message& content, const store::MessageRow& row) {
  MessageEvent event;
  set_place(desk_, event, row.chat, row.sender);
  event.id = row.id;
  event.from_me = event.from_api = true;
  event.timestamp = row.timestamp;
  if (is_about_another(content)) {
    auto heard = hear(desk_, Said{row.chat, row.sender, true, true}, std::move(event), content);
    if (heard.event) desk_.context.emit(std::move(*heard.event));
    return;
  }
  static_cast<Shown&>(event) = describe(content);
  desk_.context.emit(std::move(event));
}

// The caller's own id makes a repeated request safe: it joins the first one, or is answered with its outcome.
bool Outgoing::already_known(const Send& request) {
  SendDone answer{
      request.request, request.id, desk_.lids.shown(request.to), 0,
      fail(Cause::already_exists, Field::message_id, "a message with this id was accepted before")};
  if (const Job* open = jobs_.find(request.id)) {
    if (!desk_.lids.same_user(open->chat, request.to)) desk_.context.emit(std::move(answer));
    return true;
  }
  for (const auto& row : desk_.messages.heads(request.id)) {
    if (!row.from_me) continue;
    if (desk_.lids.same_user(row.chat, request.to) && row.ack >= 1) {
      answer.ack = Result<int>(1);
      answer.timestamp = row.timestamp;
    }
    desk_.context.emit(std::move(answer));
    return true;
  }
  return false;
}

Result<Bytes> Outgoing::build(const Send& request) {
  if (request.about) {
    const wire::Jid chat = desk_.lids.canonical(request.to.without_device());
    Remark about = *request.about;
    for (wire::Jid* jid : {&about.target.chat, &about.target.author}) *jid = desk_.dialled.account(*jid);
    Destination destination =
        chat.is_group() ? Destination{chat, own_address(chat), {}} : resolve(desk_, chat);
    return content_of(desk_, chat, destination, about, request.mentions);
  }
  Framing framing;
  framing.secret = desk_.context.random.array<32>();
  framing.timer = timer_of_chat(desk_, request.to);
  framing.mentions_all = request.mentions_all;
  Mentions mentions;
  if (!request.mentions.empty()) mentions = mentions_in(desk_, own_address(request.to), request.mentions);
  framing.mentions = std::move(mentions.users);
  if (!request.answers.id.empty()) {
    auto quoted = quote(request);
    if (!quoted && !request.quote_optional) return quoted.error();
    if (quoted) framing.quote = std::move(*quoted);
  }
  const auto& renamed = mentions.in_texts;
  return framed(renamed.empty() ? request.content : with_names(request.content, renamed), framing);
}

Result<Quote> Outgoing::quote(const Send& request) {
  MessageRef answered = request.answers;
  for (wire::Jid* jid : {&answered.chat, &answered.author}) *jid = desk_.dialled.account(*jid);
  for (const auto& row : desk_.messages.heads(answered.id)) {
    if (desk_.lids.same_user(row.chat, request.to))
      return Quote{row.id, address_in(request.to, row.sender), desk_.messages.content(row.seq)};
  }
  // Old, or of another link. A client that has it shows it nonetheless, by its id and author.
  if (answered.from_me && !answered.chat.empty() && desk_.lids.same_user(answered.chat, request.to))
    return Quote{answered.id, own_address(request.to).without_device(), {}};
  const wire::Jid& where = request.to.is_group() ? answered.chat : answered.author;
  if (!answered.author.empty() && !where.empty() && desk_.lids.same_user(where, request.to))
    return Quote{answered.id, address_in(request.to, answered.author), {}};
  return fail(Cause::bad_input, Field::answered,
              "no such message in this chat; one that is not stored can be answered by its long id");
}

// By which members are known in a group that is known; in a direct chat that of our own address there, since
// a phone finds who is quoted by the form of the chat.
wire::Jid Outgoing::address_in(const wire::Jid& chat, const wire::Jid& who) const {
  const wire::Jid user = who.without_device();
  const auto group = chat.is_group() ? desk_.groups.last_known(chat) : nullptr;
  if (chat.is_group() && !group) return user;
  const bool by_lid = group ? group->facts.addressing == Addressing::lid : own_address(chat).is_lid();
  const wire::Jid form = by_lid ? desk_.lids.lid(user) : desk_.lids.pn(user);
  return form.empty() ? user : form.without_device();
}

wire::Jid Outgoing::own_address(const wire::Jid& chat) const {
  if (!chat.is_group()) return resolve(desk_, chat.without_device()).own;
  return address_in(chat, desk_.context.credentials.pn).with_device(desk_.context.credentials.pn.device);
}

}  // namespace pigeond::engine
