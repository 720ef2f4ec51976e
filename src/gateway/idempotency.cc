#include "gateway/idempotency.h"

#include "base/bytes.h"
#include "crypto/hash.h"
#include "gateway/session/forms.h"

namespace pigeond::gateway {
namespace {

// Each part with its length before it, so that no two requests look alike.
Key32 digest(const SendRequest& request, const wire::Jid& to) {
  std::string all;
  const auto add = [&all](const std::string& part) { all += std::to_string(part.size()) + ':' + part; };
  add(to.text());
  add(request.id);
  if (const auto shown = engine::describe(request.content); shown.type == "text")
    add(shown.body);  // and not its encoding, which the next version may do otherwise
  else
    add(std::string(as_text(request.content.message)));
  if (request.about) add(engine::fingerprint(*request.about));
  add(request.answers.id);
  if (request.quote_optional) add("optional");
  add(std::to_string(request.expires_in));
  for (const auto& jid : request.mentions) add(jid.text());
  if (request.mentions_all) add("all");
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
