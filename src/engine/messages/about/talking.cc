#include "engine/messages/about/talking.h"

#include <algorithm>
#include <set>
#include <utility>

#include "engine/messages/about/amending.h"
#include "engine/messages/about/hearing.h"
#include "engine/messages/about/target.h"
#include "engine/messages/kinds/about/edit.h"
#include "engine/messages/kinds/about/pin.h"
#include "engine/messages/kinds/about/reaction.h"
#include "engine/messages/kinds/about/revoke.h"
#include "engine/messages/kinds/about/vote.h"
#include "engine/messages/kinds/kind.h"
#include "engine/messages/kinds/poll.h"
#include "engine/messages/kinds/reading/context.h"
#include "engine/messages/out/mentions.h"
#include "engine/messages/out/timer_of_chat.h"

namespace pigeond::engine {
namespace {

// Of phones and the web client; the service tells clients of it in its settings (whatsmeow's EditWindow).
constexpr std::int64_t kEditWindow = 20 * 60;  // seconds

Error unable(const char* why) {
  return fail(Cause::forbidden, Field::target, why);
}

class Talking {
 public:
  Talking(Desk& desk, const wire::Jid& chat, const Destination& destination,
          const std::vector<wire::Jid>& mentions)
      : desk_(desk), chat_(chat), destination_(destination), mentions_(mentions) {}

  Result<Bytes> content(const MessageRef& ref, const Reaction& reaction) {
    PIGEOND_TRY(const Target target, found(ref));
    return reaction_content(key_of(target), reaction.emoji, now()).message;
  }

  Result<Bytes> content(const MessageRef& ref, const Edit& edit) {
    PIGEOND_TRY(const Target target, stored(ref));
    if (!target.from_me) return unable("is somebody else's, and can't be edited");
    if (target.row->type == kRevokedType) return unable("is deleted");
    if (target.row->timestamp + kEditWindow < desk_.context.server_seconds())
      return fail(Cause::too_late, Field::target, "can be edited for 20 minutes");
    const Mentions named = mentions_in(desk_, destination_.own, mentions_);
    const std::string text = with_names(edit.text, named.in_texts);
    auto message = std::make_unique<wa_Message>();
    auto before = wire::proto::decode<wa_Message>(desk_.messages.content(target.row->seq));
    const Kind* kind = before ? kind_of(*innermost(*before)) : nullptr;
    if (kind == &kText || kind == &kLinkText || kind == nullptr) {
      message->conversation = text;
    } else if (kind == &kImage || kind == &kVideo || kind == &kDocument) {
      // The whole of it, with another caption.
      wa_Message caption{};
      caption.conversation = text;
      auto amended = wire::proto::decode<wa_Message>(amended_content(wire::proto::encode(*before), caption));
      if (!amended) return amended.error();
      *message = std::move(*amended);
      message->has_messageContextInfo = false;
    } else {
      return unable("is neither a text nor has a caption");
    }
    if (!named.users.empty()) mention(*message, named.users);
    return whole(edit_content(key_of(target), std::move(message), now()));
  }

  Result<Bytes> content(const MessageRef& ref, const Revoke&) {
    PIGEOND_TRY(const Target target, found(ref));
    if (!target.from_me && !chat_.is_group()) return unable("is somebody else's, and stays in this chat");
    if (!target.from_me && is_plain_member()) return unable("is somebody else's, and only admins delete it");
    return whole(revoke_content(key_of(target)));
  }

  Result<Bytes> content(const MessageRef& ref, const Vote& vote) {
    PIGEOND_TRY(const Target target, stored(ref));
    const auto poll = wire::proto::decode<wa_Message>(desk_.messages.content(target.row->seq));
    const auto options = poll ? poll_options(*innermost(*poll)) : std::nullopt;
    if (!options) return unable("is no poll");
    for (const auto& option : vote.options)
      if (std::find(options->names.begin(), options->names.end(), option) == options->names.end())
        return fail(Cause::bad_input, Field::options, "the poll has no option \"" + option + "\"");
    const std::set<std::string> different(vote.options.begin(), vote.options.end());
    if (options->most > 0 && different.size() > options->most)
      return fail(Cause::bad_input, Field::options, "must be at most " + std::to_string(options->most));
    const auto secrets = secrets_of(desk_, chat_, target);
    if (secrets.empty()) return unable("came without the secret that votes need");
    // In the form of the poll's author (whatsapp-rust f697e91e).
    const auto& credentials = desk_.context.credentials;
    const bool by_lid = target.author.is_lid() && !credentials.lid.empty();
    const wire::Jid own = (by_lid ? credentials.lid : credentials.pn).without_device();
    const Addon addon{kPollVote, target.id, target.author.text(), own.text()};
    const Bytes plaintext = vote_plaintext({different.begin(), different.end()});
    return vote_content(key_of(target), seal_addon(secrets.front(), addon, plaintext, desk_.context.random),
                        now())
        .message;
  }

  Result<Bytes> content(const MessageRef& ref, const Pin& pin) {
    PIGEOND_TRY(const Target target, found(ref));
    return whole(pin_content(key_of(target), pin.seconds, now()));
  }

  // The mark says so, and the score how often; of an own message neither (Baileys).
  Result<Bytes> content(const MessageRef& ref, const Forward&) {
    PIGEOND_TRY(const Target target, stored_target(desk_, ref));
    auto message = wire::proto::decode<wa_Message>(desk_.messages.content(target.row->seq));
    if (!message) return unable("can't be forwarded");
    auto& inner = const_cast<wa_Message&>(*innermost(*message));
    const Kind* kind = kind_of(inner);
    if (kind == nullptr || kind->target != nullptr || kind == &kPoll || kind == &kEvent)
      return unable("can't be forwarded");
    if (kind->widen != nullptr) kind->widen(inner);
    ContextPlace* place = kind->context(inner);
    if (place == nullptr) return unable("can't be forwarded");
    const std::uint32_t score = (*place ? (*place)->forwardingScore : 0) + (target.from_me ? 0 : 1);
    place->reset();
    if (score > 0) {
      *place = std::make_unique<wa_ContextInfo>();
      (*place)->has_forwardingScore = (*place)->has_isForwarded = (*place)->isForwarded = true;
      (*place)->forwardingScore = score;
    }
    inner.has_messageContextInfo = false;
    return whole(Content{wire::proto::encode(inner)});
  }

 private:
  Result<Target> found(const MessageRef& ref) { return target_of(desk_, chat_, ref); }
  Result<Target> stored(const MessageRef& ref) {
    PIGEOND_TRY(Target target, found(ref));
    if (!target.row) return fail(Cause::not_found, Field::target, "no such message is stored");
    return target;
  }
  std::int64_t now() const { return desk_.context.server_clock.at(desk_.context.now); }

  wa_MessageKey key_of(const Target& target) {
    wa_MessageKey key{};
    key.remoteJID = destination_.to.without_device().text();
    key.has_fromMe = true;
    key.fromMe = target.from_me;
    key.id = target.id;
    if (!chat_.is_user() && !target.from_me) key.participant = member(target.author).text();
    return key;
  }
  bool is_plain_member() {
    const auto group = desk_.groups.last_known(chat_);
    const auto* own = group ? group->find(destination_.own.without_device()) : nullptr;
    return own != nullptr && own->rank == Rank::member;
  }
  // In the form by which the group goes, where it is known.
  wire::Jid member(const wire::Jid& author) {
    const auto group = desk_.groups.last_known(chat_);
    if (!group) return author.without_device();
    const bool by_lid = group->facts.addressing == Addressing::lid;
    const wire::Jid form = by_lid ? desk_.lids.lid(author) : desk_.lids.pn(author);
    return form.empty() ? author.without_device() : form.without_device();
  }

  void mention(wa_Message& message, const std::vector<wire::Jid>& users) {
    auto& inner = const_cast<wa_Message&>(*innermost(message));
    const Kind* kind = kind_of(inner);
    if (kind == nullptr) return;
    wa_ContextInfo context = take_context(*kind, inner);
    for (const auto& user : users) context.mentionedJID.push_back(user.text());
    put_context(*kind, inner, std::move(context));
  }

  // With a secret, for its reporting token; reactions and votes have neither.
  Result<Bytes> whole(const Content& content) {
    Framing framing;
    framing.secret = desk_.context.random.array<32>();
    framing.timer = timer_of_chat(desk_, chat_);
    return framed(content, framing);
  }

  Desk& desk_;
  const wire::Jid& chat_;
  const Destination& destination_;
  const std::vector<wire::Jid>& mentions_;
};

}  // namespace

Result<Bytes> content_of(Desk& desk, const wire::Jid& chat, const Destination& destination,
                         const Remark& about, const std::vector<wire::Jid>& mentions) {
  Talking talking(desk, chat, destination, mentions);
  auto content =
      std::visit([&](const auto& saying) { return talking.content(about.target, saying); }, about.saying);
  if (content || content.error().field != Field::target || !std::holds_alternative<Vote>(about.saying))
    return content;
  Error error = content.error();
  error.field = Field::poll;
  return error;
}

}  // namespace pigeond::engine
