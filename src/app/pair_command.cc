// pigeond pair: links an account, by a QR or a code, and with a passkey where the account demands one.
#include <chrono>
#include <cstdio>
#include <thread>

#include "app/commands.h"
#include "app/input_lines.h"
#include "app/passkey_snippet.h"
#include "app/qr_screen.h"
#include "app/rest_client.h"
#include "app/session_words.h"

namespace pigeond::app {
namespace {

using Json = nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLook(500);
constexpr int kCodes = 3;  // as many as sets of QRs

// The session as it is once it has been made and started.
Result<Json> started_session(const RestClient& rest, const std::string& name) {
  auto session = rest.get("/api/sessions/" + name);
  if (!session && session.cause() == Cause::not_found) {
    return rest.post("/api/sessions", {{"name", name}, {"start", true}});
  }
  if (!session) return session;
  const auto status = text_of(*session, "status");
  if (status == "STOPPED" || status == "FAILED")
    return rest.post("/api/sessions/" + name + "/start", Json::object());
  return session;
}

class Pairing {
 public:
  Pairing(const RestClient& rest, const std::string& name, const std::string& phone)
      : rest_(rest),
        name_(name),
        phone_(phone),
        screen_("GET " + rest.base_url() + "/api/" + name + "/auth/qr") {}

  // Shows what a person has to do until the session works, and in between what it waits for.
  Status run() {
    std::string told;
    for (;;) {
      PIGEOND_TRY(const Json session, rest_.get("/api/sessions/" + name_));
      const auto status = text_of(session, "status");
      if (status == "WORKING") {
        screen_.clear();
        std::printf("Session %s is linked as %s.\n", name_.c_str(), own_id(session).c_str());
        return {};
      }
      const auto standing = standing_of(name_, session);
      if (status != "SCAN_QR_CODE") screen_.clear();
      if (status == "FAILED" || status == "STOPPED") return fail(Cause::not_linked, "session " + standing);
      if (status == "SCAN_QR_CODE") {
        PIGEOND_CHECK(phone_.empty() ? show_qr() : show_code(session));
      } else if (status == "PASSKEY_REQUIRED") {
        PIGEOND_CHECK(sign());
      } else if (status == "PASSKEY_CONFIRMATION_REQUIRED") {
        PIGEOND_CHECK(compare());
      } else if (standing != told) {
        std::fprintf(stderr, "Session %s.\n", standing.c_str());
      }
      told = standing;
      std::this_thread::sleep_for(kLook);
    }
  }

 private:
  Status show_qr() {
    const auto answer = rest_.get("/api/" + name_ + "/auth/qr?format=raw");
    if (const auto text = answer ? text_of(*answer, "value") : std::string(); !text.empty())
      return screen_.show(text);
    return {};
  }

  // Another one when the one before is worth nothing any more, be it by its time or by what became of it.
  Status show_code(const Json& session) {
    const auto cause = cause_of(session);
    if (shown_ > 0 && cause.empty() && Clock::now() < code_until_) return {};
    if (!cause.empty() && shown_ > 0) std::fprintf(stderr, "Not linked: %s.\n", cause.c_str());
    if (shown_ == kCodes) return fail(Cause::timed_out, "nobody typed the code");
    const auto answer = rest_.post("/api/" + name_ + "/auth/request-code", {{"phoneNumber", phone_}});
    // The link may just be made anew.
    if (!answer && answer.error().code == 422 && answer.cause() != Cause::bad_input) return {};
    if (!answer) return answer.error();
    ++shown_;
    code_until_ = Clock::now() + std::chrono::seconds(answer->value("expiresIn", 0));
    std::printf(
        "Code: %s\nOn the phone: Settings, Linked devices, Link a device, Link with phone number instead. "
        "Waiting for the code...\n",
        text_of(*answer, "code").c_str());
    std::fflush(stdout);
    return {};
  }

  Status sign() {
    const auto options = rest_.get("/api/" + name_ + "/auth/passkey/challenge");
    if (!options) return {};  // it has gone on
    if (const auto challenge = text_of(*options, "challenge"); challenge != challenge_) {
      challenge_ = challenge;
      std::printf("%s", passkey_words(options->dump()).c_str());
      std::fflush(stdout);
    }
    PIGEOND_TRY(const auto line, lines_.next(kLook));
    if (!line || line->empty()) return {};
    const Json assertion = Json::parse(*line, nullptr, false);
    if (!assertion.is_object()) {
      std::fprintf(stderr,
                   "That is not what the browser gave: one line that begins with { and ends with }.\n");
      return {};
    }
    const auto taken = rest_.post("/api/" + name_ + "/auth/passkey", assertion);
    if (taken)
      std::printf("WhatsApp has taken the signature; the phone goes on.\n");
    else
      std::fprintf(stderr, "%s\n", taken.error().detail.c_str());
    std::fflush(stdout);
    return {};
  }

  Status compare() {
    const auto answer = rest_.get("/api/" + name_ + "/auth/passkey/confirmation");
    if (!answer) return {};
    if (const auto code = text_of(*answer, "code"); code != compared_) {
      compared_ = code;
      std::printf("The phone shows a code. Is it %s? Press Enter if it is, Ctrl-C if not.\n", code.c_str());
      std::fflush(stdout);
    }
    PIGEOND_TRY(const auto line, lines_.next(kLook));
    if (!line) return {};
    const auto confirmed = rest_.post("/api/" + name_ + "/auth/passkey/confirm", Json::object());
    if (!confirmed) std::fprintf(stderr, "%s\n", confirmed.error().detail.c_str());
    return {};
  }

  const RestClient& rest_;
  const std::string& name_;
  const std::string& phone_;  // empty: by QR
  QrScreen screen_;
  InputLines lines_;
  int shown_ = 0;
  Clock::time_point code_until_{};
  std::string challenge_, compared_;  // what was told last
};

}  // namespace

int pair_command(const Words& words) {
  const auto arguments = Arguments::parse(words, {"config", "session", "phone"}, {}, 0);
  if (!arguments) return report(arguments.error());
  const auto config = config_of(*arguments);
  if (!config) return report(config.error());
  const auto rest = rest_client(*config);
  if (!rest) return report(rest.error());
  const auto name = arguments->value("session", "default");
  const auto phone = arguments->value("phone");
  if (auto session = started_session(*rest, name); !session) return report(session.error());
  if (auto linked = Pairing(*rest, name, phone).run(); !linked) return report(linked.error());
  return 0;
}

}  // namespace pigeond::app
