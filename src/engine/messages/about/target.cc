#include "engine/messages/about/target.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "engine/messages/kinds/about/addon.h"
#include "engine/messages/kinds/raw_proto.h"
#include "store/account/history.h"

namespace pigeond::engine {
namespace {

constexpr std::uint32_t kContextInfo = 35, kSecret = 3;  // of a Message, and of what it has there
constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kForeignId = 256;  // characters of an id that somebody else made

Error unknown_message(const char* why) {
  return fail(Cause::not_found, Field::target, why);
}

bool same_chat(Desk& desk, const wire::Jid& one, const wire::Jid& other) {
  return one == other || desk.lids.same_user(one, other);
}

// The first of a user's two forms is the one that is given.
std::vector<wire::Jid> forms_of_user(Desk& desk, const wire::Jid& user) {
  std::vector<wire::Jid> out;
  const auto add = [&out](const wire::Jid& jid) {
    const wire::Jid bare = jid.without_device();
    if (!bare.empty() && std::find(out.begin(), out.end(), bare) == out.end()) out.push_back(bare);
  };
  add(user);
  if (desk.lids.is_own(user)) {
    add(desk.context.credentials.lid);
    add(desk.context.credentials.pn);
  }
  add(desk.lids.lid(user));
  add(desk.lids.pn(user));
  return out;
}

// In a chat with one person whoever is not the sender is the other side.
wire::Jid named_author(Desk& desk, const Said& said, const wa_MessageKey& key) {
  if (key.fromMe) return said.sender.without_device();
  if (!said.chat.is_user()) return wire::parse_jid(key.participant).value_or(wire::Jid{}).without_device();
  if (said.from_me) return said.chat.without_device();
  return said.chat.is_lid() && !desk.context.credentials.lid.empty()
             ? desk.context.credentials.lid.without_device()
             : desk.context.credentials.pn.without_device();
}

}  // namespace

std::optional<Target> target_of(Desk& desk, const Said& said, const wa_MessageKey& key) {
  if (key.id.empty() || key.id.size() > kForeignId) return std::nullopt;
  Target target{key.id, named_author(desk, said, key)};
  std::optional<store::MessageRow> by_another;
  for (auto& row : desk.messages.heads(key.id)) {
    if (!same_chat(desk, row.chat, said.chat)) continue;
    if (target.author.empty() || desk.lids.same_user(row.sender, target.author)) {
      target.row = std::move(row);
      break;
    }
    by_another = std::move(row);
  }
  // Ids are hardly ever the same: a key that names another author is more often wrong about that.
  if (!target.row) target.row = std::move(by_another);
  if (target.row) target.author = target.row->sender.without_device();
  target.from_me = !target.author.empty() && desk.lids.is_own(target.author);
  return target;
}

Result<Target> target_of(Desk& desk, const wire::Jid& chat, const MessageRef& ref) {
  for (auto& row : desk.messages.heads(ref.id)) {
    if (!same_chat(desk, row.chat, chat)) continue;
    Target target{row.id, row.sender.without_device(), row.from_me};
    target.row = std::move(row);
    return target;
  }
  if (!ref.chat.empty() && !same_chat(desk, ref.chat, chat))
    return fail(Cause::bad_input, Field::target, "is a message of another chat");
  if (ref.from_me && !ref.chat.empty())
    return Target{ref.id, desk.context.credentials.pn.without_device(), true};
  if (!ref.author.empty()) return Target{ref.id, desk.lids.canonical(ref.author.without_device()), false};
  return unknown_message("no such message in this chat; one that is not stored is known by its long id");
}

Result<Target> stored_target(Desk& desk, const MessageRef& ref) {
  for (auto& row : desk.messages.heads(ref.id)) {
    if (!ref.chat.empty() && !same_chat(desk, row.chat, ref.chat)) continue;
    Target target{row.id, row.sender.without_device(), row.from_me};
    target.row = std::move(row);
    return target;
  }
  return unknown_message("no such message is stored");
}

MessageName name_of(Desk& desk, const wire::Jid& chat, const Target& target) {
  const Forms where = forms_of(desk, chat);
  MessageName name;
  name.id = target.id;
  name.from_me = target.from_me;
  name.chat = target.row ? target.row->told_chat(where.shown, where.lid) : where.shown;
  if (target.author.empty()) return name;
  const Forms author = forms_of(desk, target.author);
  name.author = target.author;
  name.author_pn = author.pn;
  name.author_lid = author.lid;
  return name;
}

MessageEvent event_of_row(Desk& desk, const store::MessageRow& row) {
  MessageEvent event;
  set_place(desk, event, row.chat, row.sender);
  static_cast<Shown&>(event) = describe(Content{desk.messages.content(row.seq)});
  event.type = row.type;
  event.id = row.id;
  event.chat = row.told_chat(event.chat, event.chat_lid);
  event.from_me = row.from_me;
  event.from_api = row.from_api;
  event.timestamp = row.timestamp;
  event.ack = row.ack;
  return event;
}

std::vector<Bytes> secrets_of(Desk& desk, const wire::Jid& chat, const Target& target) {
  std::vector<Bytes> out;
  if (target.row) {
    const Bytes content = desk.messages.content(target.row->seq);
    const auto context = find_field(content, kContextInfo);
    const auto secret = context ? find_field(*context, kSecret) : std::nullopt;
    if (secret && secret->size() == kSecretBytes) out.push_back(to_bytes(*secret));
  }
  if (target.author.empty()) return out;
  // Of what was said before this device was linked.
  store::History rows(desk.context.database, desk.context.session);
  auto told =
      rows.secret(desk.lids.canonical(chat).text(), desk.lids.canonical(target.author).text(), target.id);
  if (told && told->size() == kSecretBytes) out.push_back(std::move(*told));
  return out;
}

Result<Bytes> open_sealed(Desk& desk, const Said& said, const Target& target, const wa_MessageKey& key,
                          const SealedPart& part) {
  const auto secrets = secrets_of(desk, said.chat, target);
  if (secrets.empty()) return fail(Cause::not_found, "the secret of the message is not known");
  auto authors = forms_of_user(desk, target.author);
  if (const auto named = named_author(desk, said, key); !named.empty())
    for (const auto& form : forms_of_user(desk, named))
      if (std::find(authors.begin(), authors.end(), form) == authors.end()) authors.push_back(form);
  const auto senders = forms_of_user(desk, said.sender);
  Result<Bytes> opened = fail(Cause::bad_mac, "no key fits");
  // Both in one form is usual; both forms at once come from clients that know one of the two by one alone.
  for (const bool alike : {true, false})
    for (const auto& author : authors)
      for (const auto& sender : senders) {
        if ((author.server == sender.server) != alike) continue;
        for (const auto& secret : secrets)
          for (const auto use : part.uses) {
            const Addon addon{use, target.id, author.text(), sender.text()};
            opened = open_addon(secret, addon, *part.payload, *part.iv);
            if (opened) return opened;
          }
      }
  return opened;
}

}  // namespace pigeond::engine
