// Pairing: the QR as a picture, as base64 JSON, or raw; a code to be typed instead; what an account with a
// passkey wants besides.
#include "engine/pairing/pairing.h"
#include "api/json.h"
#include "api/qr_png.h"
#include "api/reply.h"
#include "api/waha/failures.h"
#include "api/waha/formats.h"
#include "api/waha/operations.h"
#include "api/waha/shapes.h"
#include "base/text.h"

namespace pigeond::api::waha {
namespace {

constexpr Millis kQrWait = 10 * kSecond;  // a session that has just been started has no code yet
constexpr int kQrScale = 6;               // pixels a module

enum class QrFormat { image, raw };
constexpr std::pair<std::string_view, QrFormat> kFormats[] = {{"image", QrFormat::image},
                                                              {"raw", QrFormat::raw}};

struct GetQr {
  std::string session = "default";
  QrFormat format = QrFormat::image;
  static constexpr const char* kName = "GetQr";
  static void describe(schema::Input<GetQr>& is) {
    is.session(&GetQr::session, kSession);
    is("format", &GetQr::format, kFormats).help("raw: the text of the code.");
  }
};

struct Value {
  using Of = std::string;
  static constexpr const char* kName = "QrValue";
  static void describe(schema::Output<Of>& shows) {
    shows("value", [](const Of& text) { return text; });
  }
};

struct Base64 {
  using Of = Bytes;  // a PNG
  static constexpr const char* kName = "Base64File";
  static void describe(schema::Output<Of>& shows) {
    shows("mimetype", [](const Of&) { return "image/png"; });
    shows("data", [](const Of& png) { return base64(png); });
  }
};

net::HttpReply qr_picture(const Call& call, const gateway::Qr& qr) {
  const auto png = qr_png(qr.text, kQrScale);
  if (!png) return failure_reply(png.error());
  if (call.http.header("accept") == "application/json") return reply<Base64>(200, *png);
  return {200, "image/png", std::string(as_text(*png)), {}};
}

net::HttpReply show_qr(const Call& call, const GetQr& in) {
  const auto qr = call.gateway.qr(in.session, kQrWait);
  if (!qr) return session_failure(call.gateway, in.session, qr.error(), "SCAN_QR_CODE");
  return in.format == QrFormat::raw ? reply<Value>(200, qr->text) : qr_picture(call, *qr);
}

// By what dashboards of before showed the QR, or the page of a browser; there is none here to take a picture
// of.
net::HttpReply show_screen(const Call& call, const OfSession& in) {
  const auto qr = call.gateway.qr(in.session, kQrWait);
  if (qr) return qr_picture(call, *qr);
  const auto info = call.gateway.session(in.session);
  const bool works = info && info->status == gateway::SessionStatus::working;
  const Json hint = {
      {"hint", "the session is linked, and there is no screen to show, only a QR before that"}};
  return session_failure(info, in.session, qr.error(), "SCAN_QR_CODE", works ? hint : Json::object());
}

struct RequestCode {
  std::string session = "default";
  std::string phone;
  std::string method;
  static constexpr const char* kName = "RequestCodeRequest";
  static void describe(schema::Input<RequestCode>& is) {
    is.session(&RequestCode::session, kSession);
    is("phoneNumber", &RequestCode::phone, kPhone).required().help("Of the account that is to be linked.");
    is("method", &RequestCode::method).length(0, 16).help("Of WAHA; has to be left out: no sms, no call.");
  }
};

struct CodeShape {
  using Of = engine::LinkCode;
  static constexpr const char* kName = "PairingCodeResponse";
  static void describe(schema::Output<Of>& shows) {
    shows("code", [](const Of& code) { return code.text; });
    shows("expiresIn", [](const Of& code) {
      return code.expires_in / kSecond;
    }).help("Seconds. Another code, and the end of the link, make it worthless before.");
  }
};

// A session that has just been started is waited for, as for its QR.
net::HttpReply request_code(const Call& call, const RequestCode& in) {
  if (!in.method.empty())
    return failure_reply(
        fail(Cause::bad_input, "method: there is none but that of linked devices; leave it out"));
  const auto refuse = [&](const Error& error) {
    const Json hint = {{"hint", "wait, or scan the QR; look whether the number is the account's"}};
    return session_failure(call.gateway, in.session, error, "SCAN_QR_CODE",
                           error.cause == Cause::rate_limited ? hint : Json::object());
  };
  const auto ask = [&] {
    return call.gateway.ask_pairing_once<engine::LinkCode>(
        in.session, in.phone, [phone = in.phone](engine::Pairing& pairing, auto answered) {
          pairing.request_code(phone, std::move(answered));
        });
  };
  // At once, where a link is there: while a person types a code no QR is shown any more in the end.
  auto code = ask();
  if (!code && code.cause() == Cause::not_linked) {
    if (const auto qr = call.gateway.qr(in.session, kQrWait); !qr) return refuse(qr.error());
    code = ask();
  }
  return code ? reply<CodeShape>(201, *code) : refuse(code.error());
}

struct CodeToCompare {
  using Of = std::string;
  static constexpr const char* kName = "PasskeyConfirmation";
  static void describe(schema::Output<Of>& shows) {
    shows("code", [](const Of& code) { return code; });
  }
};

// What a person is asked for in that status.
Result<std::string> asked(const Result<gateway::SessionInfo>& info, gateway::SessionStatus status) {
  if (!info) return info.error();
  if (info->status != status) return fail(Cause::not_linked);
  return info->asked;
}

net::HttpReply show_challenge(const Call& call, const OfSession& in) {
  const auto info = call.gateway.session(in.session);
  const auto options = asked(info, gateway::SessionStatus::passkey);
  if (!options) return session_failure(info, in.session, options.error(), "PASSKEY_REQUIRED");
  return reply<PasskeyOptionsShape>(200, Json::parse(*options));
}

net::HttpReply show_code_to_compare(const Call& call, const OfSession& in) {
  const auto info = call.gateway.session(in.session);
  const auto code = asked(info, gateway::SessionStatus::comparison);
  if (!code) return session_failure(info, in.session, code.error(), "PASSKEY_CONFIRMATION_REQUIRED");
  return reply<CodeToCompare>(200, *code);
}

constexpr std::size_t kBinaryText = 8192;  // characters; real ones have some hundred
constexpr std::pair<std::string_view, bool> kCredentialTypes[] = {{"public-key", true}};

struct PasskeyResponse {
  Binary client_data, authenticator_data, signature, user_handle;
  static constexpr const char* kName = "PasskeyAssertionResponse";
  static void describe(schema::Input<PasskeyResponse>& is) {
    is("clientDataJSON", &PasskeyResponse::client_data, kBinary).required().length(1, kBinaryText);
    is("authenticatorData", &PasskeyResponse::authenticator_data, kBinary).required().length(1, kBinaryText);
    is("signature", &PasskeyResponse::signature, kBinary).required().length(1, kBinaryText);
    is("userHandle", &PasskeyResponse::user_handle, kBinary).length(0, kBinaryText);
  }
};

struct SignWithPasskey {
  std::string session = "default";
  Binary id, raw_id;
  bool type = true;
  PasskeyResponse response;
  static constexpr const char* kName = "PasskeyAssertion";
  static void describe(schema::Input<SignWithPasskey>& is) {
    is.session(&SignWithPasskey::session, kSession);
    is("id", &SignWithPasskey::id, kBinary).required().length(1, kBinaryText);
    is("rawId", &SignWithPasskey::raw_id, kBinary).required().length(1, kBinaryText).help("The same as id.");
    is("type", &SignWithPasskey::type, kCredentialTypes).required();
    is("response", &SignWithPasskey::response).required();
  }
};

net::HttpReply sign_with_passkey(const Call& call, SignWithPasskey& in) {
  if (in.id != in.raw_id) return failure_reply(fail(Cause::bad_input, "rawId: must be the same as id"));
  PasskeyResponse& response = in.response;
  const engine::PasskeyAssertion assertion{std::move(in.raw_id.bytes), std::move(response.client_data.bytes),
                                           std::move(response.authenticator_data.bytes),
                                           std::move(response.signature.bytes),
                                           std::move(response.user_handle.bytes)};
  const auto taken =
      call.gateway.ask_pairing<bool>(in.session, [assertion](engine::Pairing& pairing, auto answered) {
        pairing.passkey().prove(assertion, std::move(answered));
      });
  if (taken) return empty_reply(201);
  const Json hint = {
      {"hint", "get the challenge again, which is another now, and sign that on https://web.whatsapp.com"}};
  return session_failure(call.gateway, in.session, taken.error(), "PASSKEY_REQUIRED",
                         taken.cause() == Cause::not_allowed ? hint : Json::object());
}

net::HttpReply confirm_code(const Call& call, const OfSession& in) {
  const auto taken = call.gateway.ask_pairing<bool>(in.session, [](engine::Pairing& pairing, auto answered) {
    pairing.passkey().confirm(std::move(answered));
  });
  if (taken) return empty_reply(201);
  return session_failure(call.gateway, in.session, taken.error(), "PASSKEY_CONFIRMATION_REQUIRED");
}

}  // namespace

Operations pairing_operations() {
  const std::string passkey = "/api/{session}/auth/passkey";
  return {
      operation<OfSession>(
          {"GET", passkey + "/challenge", "getPasskeyChallenge", "Pairing", Scope::control, Whose::one,
           "What a passkey has to sign, in a browser on https://web.whatsapp.com"},
          show_challenge)
          .gives(200, "PublicKeyCredentialRequestOptions, as JSON.", json<PasskeyOptionsShape>())
          .fails({422}),
      operation<SignWithPasskey>({"POST", passkey, "signWithPasskey", "Pairing", Scope::control, Whose::one,
                                  "What the passkey has signed"},
                                 sign_with_passkey)
          .gives(201, "WhatsApp has taken it; the phone goes on.", nothing())
          .fails({422, 502, 504}),
      operation<OfSession>({"GET", passkey + "/confirmation", "getPasskeyConfirmation", "Pairing",
                            Scope::control, Whose::one, "The code that the phone has to show as well"},
                           show_code_to_compare)
          .gives(200, "The code.", json<CodeToCompare>())
          .fails({422}),
      operation<OfSession>({"POST", passkey + "/confirm", "confirmPasskey", "Pairing", Scope::control,
                            Whose::one, "A person has found the same code on the phone"},
                           confirm_code)
          .gives(201, "WhatsApp has taken it; the session works in a moment.", nothing())
          .fails({422, 502, 504}),
      operation<RequestCode>(
          {"POST", "/api/{session}/auth/request-code", "requestCode", "Pairing", Scope::control, Whose::one,
           "A code to be typed into the phone, instead of the QR"},
          request_code)
          .gives(201, "For Linked devices, Link a device, Link with phone number.", json<CodeShape>())
          .fails({422, 429, 409, 502, 504}),
      operation<OfSession>({"GET", "/api/screenshot", "getScreenshot", "Pairing", Scope::control, Whose::one,
                            "The code that a phone scans, for whom a screen is expected to show it"},
                           show_screen)
          .gives(200, "A picture; or JSON, where `Accept` is application/json.",
                 {picture("image/png"), json<Base64>()})
          .fails({422, 413, 504}),
      operation<GetQr>({"GET", "/api/{session}/auth/qr", "getQr", "Pairing", Scope::control, Whose::one,
                        "The code that a phone scans to link its account"},
                       show_qr)
          .gives(200, "A picture; or JSON, where `Accept` is application/json, or for format=raw.",
                 {picture("image/png"), json<Value>(), json<Base64>()})
          .fails({422, 413, 504}),
  };
}

}  // namespace pigeond::api::waha
