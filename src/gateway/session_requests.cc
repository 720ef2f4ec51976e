// What callers ask of one session and wait for: texts, number checks, QR codes.
#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "base/log.h"
#include "base/text.h"
#include "gateway/session.h"
#include "store/lid_mappings.h"

namespace pigeond::gateway {
namespace {

// As whatsmeow's: the prefix marks a web companion.
std::string make_message_id(Random& random) {
  return "3EB0" + hex_upper(random.bytes(9));
}

}  // namespace

Status Session::able_to_send() const {
  const SessionStatus current = status();
  const bool usable = current == SessionStatus::working || current == SessionStatus::starting;
  if (!engine_ || ending_ || !usable || !engine_->credentials().linked()) {
    return fail(Cause::not_linked, "session status is " + std::string(status_name(current)));
  }
  if (sends_.size() + checks_.size() >= limits::kPendingSends) {
    return fail(Cause::rate_limited, "too many requests wait for an answer");
  }
  return {};
}

void Session::send_text(TextRequest request, Millis deadline, Reply<SentMessage> reply) {
  if (auto able = able_to_send(); !able) return env_.host.answer<SentMessage>(std::move(reply), able.error());
  if (request.id.empty()) request.id = make_message_id(env_.random);
  const auto id = next_request_++;
  engine_->send_text(now(), {id, request.to, request.id, request.text, request.reply_to, request.mentions});
  SendWaiters::Waiter waiter{std::move(request), std::move(reply)};
  waiter.timer = loop().after(deadline, [this, id] {
    auto late = sends_.take(id);
    if (!late) return;
    env_.host.answer<SentMessage>(
        std::move(late->reply),
        fail(Cause::timed_out, "not acknowledged in time; message " + late->request.id + " stays queued"));
  });
  sends_.add(id, std::move(waiter));
  env_.host.touched(*this);
}

void Session::check_number(const std::string& digits, Millis deadline, Reply<NumberStatus> reply) {
  if (auto able = able_to_send(); !able)
    return env_.host.answer<NumberStatus>(std::move(reply), able.error());
  const auto id = next_request_++;
  engine_->check_number(now(), id, digits);
  Check check{std::move(reply)};
  check.timer = loop().after(deadline, [this, id] {
    auto late = checks_.extract(id);
    if (late.empty()) return;
    env_.host.answer<NumberStatus>(std::move(late.mapped().reply),
                                   fail(Cause::timed_out, "no answer in time"));
  });
  checks_.emplace(id, std::move(check));
  env_.host.touched(*this);
}

void Session::qr(Millis wait, Reply<Qr> reply) {
  const auto id = next_request_++;
  QrWaiter waiter{std::move(reply)};
  waiter.timer = loop().after(wait, [this, id] {
    auto late = qr_waiters_.extract(id);
    if (late.empty()) return;
    late.mapped().timer = 0;
    answer_qr(late.mapped(),
              fail(Cause::not_linked, "session status is " + std::string(status_name(status()))));
  });
  qr_waiters_.emplace(id, std::move(waiter));
  env_.host.touched(*this);
}

void Session::answer_qr(QrWaiter& waiter, Result<Qr> result) {
  loop().cancel(std::exchange(waiter.timer, 0));
  env_.host.answer<Qr>(std::move(waiter.reply), std::move(result));
}

bool Session::answer_qr_waiters() {
  if (qr_waiters_.empty()) return false;
  const SessionStatus current = status();
  if (current == SessionStatus::starting) return false;
  const auto* shown = engine_ && engine_->qr() ? &*engine_->qr() : nullptr;
  if (current == SessionStatus::scan_qr_code && shown == nullptr) return false;
  for (auto& [id, waiter] : std::exchange(qr_waiters_, {})) {
    if (current == SessionStatus::scan_qr_code) {
      answer_qr(waiter, Qr{shown->text, std::max<Millis>(shown->expires - now().mono, 0)});
    } else {
      answer_qr(waiter, fail(Cause::not_linked, "session status is " + std::string(status_name(current))));
    }
  }
  return true;
}

void Session::close_sends(const Error& why) {
  for (auto& waiter : sends_.take_all()) {
    loop().cancel(waiter.timer);
    env_.host.answer<SentMessage>(std::move(waiter.reply), why);
  }
}

void Session::close_checks(const Error& why) {
  for (auto& [id, check] : std::exchange(checks_, {})) {
    loop().cancel(check.timer);
    env_.host.answer<NumberStatus>(std::move(check.reply), why);
  }
}

SentMessage Session::sent_message(const TextRequest& request, const engine::SendDone& done) const {
  SentMessage out;
  out.id = done.id;
  out.text = request.text;
  out.timestamp = done.timestamp;
  out.ack = *done.ack;
  if (auto me = info().me) out.me = std::move(*me);
  store::LidMappings mappings(env_.database, id_);
  for (const auto* jid : {&request.to, &done.chat}) {
    const auto user = jid->without_device();
    if (user.is_pn()) out.chat_pn = user;
    if (user.is_lid()) out.chat_lid = user;
  }
  if (out.chat_lid.empty() && !out.chat_pn.empty()) {
    if (auto lid = mappings.lid_of(out.chat_pn.user)) out.chat_lid = wire::lid(*lid);
  } else if (out.chat_pn.empty() && !out.chat_lid.empty()) {
    if (auto pn = mappings.pn_of(out.chat_lid.user)) out.chat_pn = wire::pn(*pn);
  }
  out.chat = !out.chat_pn.empty() ? out.chat_pn : done.chat.empty() ? request.to : done.chat.without_device();
  return out;
}

void Session::handle(engine::SendDone& done) {
  if (done.request != 0) {  // refused, or known already: nothing was sent
    if (auto waiter = sends_.take(done.request)) answer(std::move(*waiter), done);
    return;
  }
  judge(done);
  for (auto& waiter : sends_.take_message(done.id)) answer(std::move(waiter), done);
}

void Session::answer(SendWaiters::Waiter waiter, const engine::SendDone& done) {
  loop().cancel(waiter.timer);
  env_.host.answer<SentMessage>(std::move(waiter.reply),
                                done.ack ? Result<SentMessage>(sent_message(waiter.request, done))
                                         : Result<SentMessage>(done.ack.error()));
}

void Session::handle(engine::NumberCheck& check) {
  auto found = checks_.extract(check.request);
  if (found.empty()) return;
  loop().cancel(found.mapped().timer);
  if (check.ok) {
    env_.host.answer<NumberStatus>(std::move(found.mapped().reply),
                                   NumberStatus{check.exists, check.pn, check.lid});
  } else {
    env_.host.answer<NumberStatus>(std::move(found.mapped().reply), check.error);
  }
}

void Session::judge(const engine::SendDone& done) {
  const Error* error = done.ack ? nullptr : &done.ack.error();
  if (error != nullptr) {
    log::warning("send failed", {{"session", name_},
                                 {"id", done.id},
                                 {"cause", std::string(cause_name(error->cause))},
                                 {"code", std::to_string(error->code)}});
  }
  const auto advice = health_.sent(now().mono, done.chat.without_device().text(), error);
  if (advice == SendHealth::Advice::nothing || ending_) return;
  cause_ = *error;
  if (advice == SendHealth::Advice::restart) {
    restart_delay_ = health_.restart_delay();
    log::warning("restarting session", {{"session", name_},
                                        {"why", "sends fail in several chats"},
                                        {"restart", std::to_string(health_.restarts())},
                                        {"delay_ms", std::to_string(restart_delay_)}});
    end_engine(After::start_later);
  } else {
    log::error("session given up", {{"session", name_}, {"why", "sends still fail after restarts"}});
    given_up_ = true;
    end_engine(After::rest);
  }
}

}  // namespace pigeond::gateway
