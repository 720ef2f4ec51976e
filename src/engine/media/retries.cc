#include "engine/media/retries.h"

#include <algorithm>
#include <utility>

#include "engine/media/path.h"
#include "engine/messages/desk.h"
#include "wire/media_retry.h"

namespace pigeond::engine {
namespace {

Error phone_has_none(const char* why) {
  return fail(Cause::not_found, Field::target, why);
}

// What the phone says, if it is about this file.
Result<std::string> path_in(const wire::Node& notification, const std::string& id, ByteView media_key) {
  if (notification.child("error") != nullptr)
    return phone_has_none("the phone has not got the file any more");
  const auto* encrypt = notification.child("encrypt");
  const auto* sealed = encrypt != nullptr ? encrypt->child("enc_p") : nullptr;
  const auto* iv = encrypt != nullptr ? encrypt->child("enc_iv") : nullptr;
  if (sealed == nullptr || iv == nullptr) return fail(Cause::malformed, "a phone's answer about a file");
  PIGEOND_TRY(const auto answer, wire::open_media_retry(media_key, id, iv->bytes(), sealed->bytes()));
  if (answer.result != wa_MediaRetryNotification_ResultType_SUCCESS || !is_media_path(answer.directPath))
    return phone_has_none("the phone could not upload the file again");
  return answer.directPath;
}

}  // namespace

void MediaRetries::ask(const Wanted& wanted, Answered<std::string> answered) {
  if (!desk_.stanzas.online()) return answered(fail(Cause::link_lost, "not online"));
  const auto open = waiting_.find(wanted.id);
  if (open != waiting_.end()) return open->second.answered.push_back(std::move(answered));
  if (waiting_.size() >= kWaiting)
    return answered(fail(Cause::rate_limited, "the phone is asked for too many files"));
  Waiting& waiting = waiting_[wanted.id];
  waiting.media_key = wanted.media_key;
  waiting.answered.push_back(std::move(answered));
  waiting.until = desk_.context.now.mono + kPatience;

  const auto iv = desk_.context.random.array<wire::kMediaRetryIv>();
  wire::Node encrypt("encrypt"), rmr("rmr"), receipt("receipt");
  encrypt.add(wire::Node("enc_p").body(wire::seal_media_retry(wanted.media_key, wanted.id, iv)));
  encrypt.add(wire::Node("enc_iv").body(to_bytes(ByteView(iv))));
  rmr.set("jid", wanted.chat).set("from_me", wanted.from_me ? "true" : "false");
  if (!wanted.chat.is_user() && !wanted.author.empty()) rmr.set("participant", wanted.author);
  receipt.set("id", wanted.id)
      .set("to", desk_.context.credentials.pn.without_device())
      .set("type", "server-error");
  desk_.stanzas.send(receipt.add(std::move(encrypt)).add(std::move(rmr)));
}

bool MediaRetries::take(const wire::Node& notification) {
  if (!notification.is("type", "mediaretry")) return false;
  const std::string id = notification.attr("id");
  if (const auto waiting = waiting_.find(id); waiting != waiting_.end())
    end(id, path_in(notification, id, waiting->second.media_key));
  return true;
}

void MediaRetries::end(const std::string& id, const Result<std::string>& path) {
  const auto ended = waiting_.extract(id);
  for (const auto& answered : ended.mapped().answered) answered(path);
}

void MediaRetries::offline() {
  for (auto& [id, waiting] : std::exchange(waiting_, {}))
    for (const auto& answered : waiting.answered) answered(fail(Cause::link_lost, "the link is gone"));
}

void MediaRetries::wake() {
  std::vector<std::string> late;
  for (const auto& [id, waiting] : waiting_)
    if (waiting.until <= desk_.context.now.mono) late.push_back(id);
  for (const auto& id : late)
    end(id, phone_has_none("no media server has the file, and the phone was not there to send it again"));
}

std::optional<Millis> MediaRetries::next_wake() const {
  std::optional<Millis> next;
  for (const auto& [id, waiting] : waiting_) next = std::min(next.value_or(waiting.until), waiting.until);
  return next;
}

}  // namespace pigeond::engine
