#include "gateway/idempotency.h"

#include "base/bytes.h"
#include "crypto/hash.h"
#include "engine/messages/about/saying.h"
#include "engine/messages/kinds/text.h"
#include "gateway/previews/links.h"
#include "gateway/session/forms.h"

namespace pigeond::gateway {
namespace {

// The words of a text that is nothing else, and not its encoding, which the next version may do otherwise.
// The card of a link's page is none of the request: the page may say something else the next time.
std::optional<std::string> words_alone(const engine::Content& content, bool card_of_page) {
  const auto shown = engine::describe(content);
  if (shown.type != "text") return std::nullopt;
  if (!card_of_page && engine::text_content(shown.body).message != content.message) return std::nullopt;
  return shown.body;
}

// Each part with its length before it, so that no two requests look alike; what not every request has, with a
// word for what it is. All fields are named here, so that another one can't be added without a thought of
// whether it shapes the message.
Key32 digest(const SendRequest& request, const wire::Jid& to) {
  const auto& [session, chat, id, content, answers, mentions, expires_in, async, queue, key, quote_optional,
               mentions_all, link, about] = request;
  static_cast<void>(session);  // keys are kept for each
  static_cast<void>(chat);     // `to` is one of its forms
  static_cast<void>(async);
  static_cast<void>(queue);
  static_cast<void>(key);
  std::string all;
  const auto add = [&all](std::string_view part) {
    all += std::to_string(part.size()) + ':';
    all += part;
  };
  add(to.text());
  add(id);
  const auto words = words_alone(content, !link.empty());
  add(words ? std::string_view(*words) : as_text(content.message));
  if (about) add(engine::fingerprint(*about));
  add(answers.id);
  if (quote_optional) add("optional");
  add(std::to_string(expires_in));
  for (const auto& jid : mentions) add(jid.text());
  if (mentions_all) add("all");
  // A link is one of the words; that its page shall not be fetched is something else.
  if (words && link.empty() && !first_link(*words).empty()) add("no card");
  return crypto::sha256(as_bytes(all));
}

}  // namespace

bool Idempotency::is_same(const store::IdempotencyRow& row, const SendRequest& request) const {
  if (row.request == digest(request, request.to)) return true;
  for (const auto& name : names_of(database_, session_, request.to))
    if (row.request == digest(request, name)) return true;
  return false;
}

Result<std::optional<store::IdempotencyRow>> Idempotency::find(const SendRequest& request, Instant now) {
  auto row = rows_.find(request.idempotency_key);
  const bool old = row && row->outcome && row->created > 0 && row->created < now.wall - kKept;
  if (old && retention_.clock.plausible(now)) {
    rows_.remove(request.idempotency_key);
    row.reset();
  }
  if (row && !is_same(*row, request))
    return fail(Cause::already_exists, Field::request_key, "was used for another request before");
  if (!row && retention_.keys.full(now.mono))
    return fail(Cause::rate_limited, Field::request_key,
                std::to_string(retention_.keys.most()) +
                    " keys are remembered, each for a day, and there is no room for "
                    "another ([store] idempotency_keys)");
  return row;
}

void Idempotency::remember(const SendRequest& request, const std::string& id, Instant now) {
  const Millis created = retention_.clock.plausible(now) ? now.wall : 0;
  rows_.insert({request.idempotency_key, digest(request, request.to), id, created, {}});
  any_open_ = true;
}

void Idempotency::end(const std::string& id, const store::IdempotencyOutcome& outcome) {
  if (!any_open_) any_open_ = rows_.any_open();
  if (*any_open_) rows_.end(id, outcome);
}

}  // namespace pigeond::gateway
