#include "engine/messages/about/hearing.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "engine/messages/about/amending.h"
#include "engine/messages/kinds/about/comment.h"
#include "engine/messages/kinds/about/edit.h"
#include "engine/messages/kinds/about/vote.h"
#include "engine/messages/kinds/kind.h"
#include "engine/messages/kinds/poll.h"

namespace pigeond::engine {
namespace {

using What = AboutEvent::What;

class Hearing {
 public:
  Hearing(Desk& desk, const Said& said, MessageEvent by, const wa_Message& message)
      : desk_(desk), said_(said), message_(message), kind_(kind_of(message)) {
    event_.by = std::move(by);
  }

  Heard hear() {
    const wa_MessageKey* key =
        kind_ != nullptr && kind_->target != nullptr ? kind_->target(message_) : nullptr;
    auto found = key != nullptr ? target_of(desk_, said_, *key) : std::nullopt;
    if (!found) return {};
    key_ = key;
    target_ = std::move(*found);
    event_.target = name_of(desk_, said_.chat, target_);
    event_.by.type = kind_->type;
    if (kind_ == &kReaction || kind_ == &kSealedReaction) reaction();
    if (kind_ == &kEdit || kind_ == &kSealedEdit) edit();
    if (kind_ == &kRevoke) revoke();
    if (kind_ == &kVote) vote();
    if (kind_ == &kEventResponse) response();
    return std::move(heard_);
  }

 private:
  void tell(What what) {
    event_.what = what;
    heard_.event = std::move(event_);
  }
  void refuse(const char* why) {
    log::warning(why, {{"session", desk_.context.session_name},
                       {"from", said_.sender.text()},
                       {"id", event_.by.id},
                       {"about", target_.id}});
  }
  Result<Bytes> open() {
    const auto part = sealed_part(message_);
    if (!part) return fail(Cause::unsupported, "nothing that is encrypted once more");
    return open_sealed(desk_, said_, target_, *key_, *part);
  }
  static bool is_poll(const Bytes& content) {
    const auto message = wire::proto::decode<wa_Message>(content);
    return message && kind_of(*innermost(*message)) == &kPoll;
  }
  // What a stanza says of itself is believed only of somebody who is not known to be no admin.
  bool by_an_admin() {
    if (!said_.as_admin || !said_.chat.is_group()) return false;
    const auto group = desk_.groups.known(said_.chat);
    const auto* member = group ? group->find(said_.sender.without_device()) : nullptr;
    return said_.from_me || member == nullptr || member->rank != Rank::member;
  }
  // Where nothing is stored of it the key's word counts.
  bool by_its_author() { return desk_.lids.same_user(said_.sender, target_.author); }

  void reaction() {
    const wa_ReactionMessage* says = &message_.reactionMessage;
    Result<wa_ReactionMessage> opened = fail(Cause::unsupported);
    if (kind_ == &kSealedReaction) {
      if (const auto plain = open()) opened = wire::proto::decode<wa_ReactionMessage>(*plain);
      if (!opened) return refuse("reaction_unreadable");
      says = &*opened;
    }
    event_.by.body = says->text;
    event_.sent = says->senderTimestampMS;
    tell(What::reaction);
  }

  void edit() {
    const bool option =
        message_.has_secretEncryptedMessage && message_.secretEncryptedMessage.secretEncType ==
                                                   wa_SecretEncryptedMessage_SecretEncType_POLL_ADD_OPTION;
    if (!by_its_author() && !(option && target_.row)) return refuse("edit_by_another");
    wa_Message opened{};
    const wa_Message* now = edited(message_);
    event_.sent = message_.protocolMessage.timestampMS;
    if (kind_ == &kSealedEdit) {
      const auto plain = open();
      auto decoded = plain ? wire::proto::decode<wa_Message>(*plain) : Result<wa_Message>(plain.error());
      if (!decoded) return refuse("edit_unreadable");
      opened = std::move(*decoded);
      const wa_Message& inner = *innermost(opened);
      now = edited(inner) != nullptr ? edited(inner) : &inner;
      event_.sent = inner.protocolMessage.timestampMS;
    }
    const Kind* says = now != nullptr ? kind_of(*innermost(*now)) : nullptr;
    if (says == nullptr || says->target != nullptr) return refuse("edit_without_content");
    const Bytes before = target_.row ? desk_.messages.content(target_.row->seq) : Bytes();
    const bool author = by_its_author();
    if (!author && (says != &kPoll || !is_poll(before))) return refuse("edit_by_another");
    Bytes amended = amended_content(before, *now, author ? Amends::all : Amends::options);
    static_cast<Shown&>(event_.by) = describe(Content{amended});
    if (target_.row && target_.row->type != kRevokedType) {
      heard_.row = target_.row->seq;
      heard_.type = event_.by.type;
      heard_.content = std::move(amended);
    }
    tell(What::edited);
  }

  void revoke() {
    if (!by_its_author() && !by_an_admin()) return refuse("revoke_by_another");
    if (target_.row) {
      event_.before = std::make_shared<const MessageEvent>(event_of_row(desk_, *target_.row));
      heard_.row = target_.row->seq;
      heard_.type = kRevokedType;
    }
    tell(What::revoked);
  }

  void vote() {
    event_.sent = message_.pollUpdateMessage.senderTimestampMS;
    const auto poll = target_.row ? wire::proto::decode<wa_Message>(desk_.messages.content(target_.row->seq))
                                  : Result<wa_Message>(fail(Cause::not_found));
    const auto options = poll ? poll_options(*innermost(*poll)) : std::nullopt;
    const auto plain = open();
    auto names = plain && options ? chosen(*plain, options->names)
                                  : Result<std::vector<std::string>>(fail(Cause::not_found));
    event_.unread = !names.ok();
    if (names) event_.options = std::move(*names);
    if (!names) refuse("vote_unreadable");
    tell(What::vote);
  }

  void response() {
    const auto plain = open();
    const auto says = plain ? wire::proto::decode<wa_EventResponseMessage>(*plain)
                            : Result<wa_EventResponseMessage>(plain.error());
    event_.unread = !says.ok();
    if (!says) {
      refuse("response_unreadable");
      return tell(What::response);
    }
    const bool known = says->response >= 0 && says->response <= static_cast<int>(AboutEvent::Answer::maybe);
    if (known) event_.answer = static_cast<AboutEvent::Answer>(says->response);
    event_.guests = std::max<std::int32_t>(0, says->extraGuestCount);
    event_.sent = says->timestampMS;
    tell(What::response);
  }

  Desk& desk_;
  const Said& said_;
  const wa_Message& message_;
  const Kind* kind_;
  const wa_MessageKey* key_ = nullptr;
  Target target_;
  AboutEvent event_;
  Heard heard_;
};

}  // namespace

Heard hear(Desk& desk, const Said& said, MessageEvent by, const wa_Message& content) {
  return Hearing(desk, said, std::move(by), *innermost(content)).hear();
}

std::optional<Result<Bytes>> opened_comment(Desk& desk, const Said& said, const wa_Message& content) {
  const wa_Message& message = *innermost(content);
  if (kind_of(message) != &kSealedComment) return std::nullopt;
  const wa_MessageKey* key = kSealedComment.target(message);
  const auto target = key != nullptr ? target_of(desk, said, *key) : std::nullopt;
  if (!target) return Result<Bytes>(fail(Cause::malformed, "it names no message"));
  const auto plain = open_sealed(desk, said, *target, *key, *sealed_part(message));
  return plain ? opened_comment(*key, *plain) : Result<Bytes>(plain.error());
}

void apply(Desk& desk, const Heard& heard) {
  if (heard.row != 0) desk.messages.set_content(heard.row, heard.type, heard.content);
}

void apply_own(Desk& desk, const store::MessageRow& row) {
  if (row.type != kEdit.type && row.type != kRevoke.type) return;
  const auto content = wire::proto::decode<wa_Message>(desk.messages.content(row.seq));
  if (!content || !is_about_another(*content)) return;
  apply(desk, hear(desk, Said{row.chat, row.sender, true, true}, {}, *content));
}

}  // namespace pigeond::engine
