#include "engine/questions/picture.h"

#include <utility>

#include "base/text.h"
#include "engine/messages/desk.h"

namespace pigeond::engine {
namespace {

constexpr std::size_t kUrl = 4096;  // bytes
constexpr int kHidden = 401;        // from this account
constexpr int kNone = 404;

Result<Picture> read_picture(const Result<wire::Node>& answer) {
  Picture picture;
  if (!answer) {
    // What whatsmeow calls ErrProfilePictureUnauthorized and ErrProfilePictureNotSet.
    const int code = answer.error().cause == Cause::ack_error ? answer.error().code : 0;
    if (code == kHidden || code == kNone) return picture;
    return answer.error();
  }
  const auto* node = answer->child("picture");
  if (node == nullptr) return picture;  // Baileys takes it for none, too
  picture.url = node->attr("url");
  picture.id = node->attr("id");
  if (picture.url.size() > kUrl || !is_valid_utf8(picture.url) || !is_valid_utf8(picture.id))
    return fail(Cause::malformed, "a picture's address that is none");
  return picture;
}

}  // namespace

// <iq xmlns="w:profile:picture" target=OF><picture type="image" query="url">: the large one, at its address,
// as whatsmeow's GetProfilePictureInfo asks. Whoever shows it to contacts only sees by the token that we are
// one, as Baileys sends it; about its own picture an account with a token would get no answer.
void ask_picture(Desk& desk, const wire::Jid& whose, Answered<Picture> answered) {
  const wire::Jid of = desk.dialled.account(whose);
  wire::Node picture("picture"), iq("iq");
  picture.set("type", "image").set("query", "url");
  if (of.is_user() && !desk.lids.is_own(of)) {
    auto token = desk.tokens.node_for(of);
    if (token && token->tag == "tctoken") picture.add(std::move(*token));
  }
  iq.set("to", wire::service()).set("type", "get").set("xmlns", "w:profile:picture").set("target", of);
  iq.add(std::move(picture));
  desk.query(std::move(iq), [answered = std::move(answered)](const Result<wire::Node>& answer) {
    answered(read_picture(answer));
  });
}

}  // namespace pigeond::engine
