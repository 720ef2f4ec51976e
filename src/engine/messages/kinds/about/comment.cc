#include "engine/messages/kinds/about/comment.h"

#include <utility>

#include "engine/messages/kinds/kind.h"

namespace pigeond::engine {
namespace {

void show(const wa_Message& message, Shown& shown) {
  const auto& comment = message.commentMessage;
  if (comment.message) {
    const wa_Message& inner = *innermost(*comment.message);
    const Kind* kind = kind_of(inner);
    if (kind != nullptr && kind->target == nullptr && kind != &kComment) {
      kind->show(inner, shown);
      shown.type = kind->type;
    }
  }
  if (!comment.has_targetMessageKey || comment.targetMessageKey.id.empty()) return;
  QuotedMessage quoted;
  quoted.id = comment.targetMessageKey.id;
  quoted.participant =
      wire::parse_jid(comment.targetMessageKey.participant).value_or(wire::Jid{}).without_device();
  shown.quoted = std::move(quoted);
}

const wa_MessageKey* target(const wa_Message& message) {
  const auto& sealed = message.encCommentMessage;
  return sealed.has_targetMessageKey ? &sealed.targetMessageKey : nullptr;
}

}  // namespace

const Kind kComment{
    .type = "text", .is = has_part<&wa_Message::has_commentMessage>, .show = show, .context = no_context};
const Kind kSealedComment{.type = "comment",
                          .is = has_part<&wa_Message::has_encCommentMessage>,
                          .show = show_nothing,
                          .context = no_context,
                          .target = target};

Result<Bytes> opened_comment(const wa_MessageKey& target, ByteView plaintext) {
  wa_Message message{};
  message.has_commentMessage = message.commentMessage.has_targetMessageKey = true;
  message.commentMessage.targetMessageKey = target;
  auto& says = message.commentMessage.message;
  if (auto whole = wire::proto::decode<wa_Message>(plaintext);
      whole && kind_of(*innermost(*whole)) != nullptr) {
    says = std::make_unique<wa_Message>(std::move(*whole));
  } else {
    PIGEOND_TRY(auto comment, wire::proto::decode<wa_CommentMessage>(plaintext));
    says = std::move(comment.message);
  }
  if (!says || kind_of(*innermost(*says)) == nullptr)
    return fail(Cause::malformed, "a comment without a message");
  return wire::proto::encode(message);
}

}  // namespace pigeond::engine
