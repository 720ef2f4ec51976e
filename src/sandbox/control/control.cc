#include "sandbox/control/control.h"

#include <chrono>
#include <future>
#include <memory>

#include "base/text.h"
#include "sandbox/control/control_json.h"
#include "sandbox/server.h"

namespace pigeond::sandbox {
namespace {

constexpr std::chrono::milliseconds kLongestWait(30'000);  // longer than a scan may take
constexpr std::chrono::milliseconds kSlice(200);           // how soon a waiting request sees that all is over
constexpr std::uint64_t kTraceLimit = 1000;

Fault read_fault(Body& body) {
  Fault fault;
  const auto kind = parse_fault_kind(body.text("kind", true));
  if (!kind) {
    body.reject("kind", "is none that is known");
  } else {
    fault.kind = *kind;
  }
  fault.account = phone_of(body.text("account"));
  fault.to = phone_of(body.text("to"));
  const std::string form = body.text("form");
  if (!form.empty() && form != "pn" && form != "lid") body.reject("form", "is pn or lid");
  if (!form.empty()) fault.form = form == "pn" ? Form::pn : Form::lid;
  if (const auto device = body.number("device", 0, 0xffff))
    fault.device = static_cast<std::uint16_t>(*device);
  if (const auto count = body.number("count", 1, 1'000'000)) fault.count = static_cast<std::uint64_t>(*count);
  fault.code = static_cast<int>(body.number("code", 1, 999).value_or(0));
  fault.type = body.text("type");
  if (!fault.type.empty() && fault.type != "bare" && fault.type != "view_once" && fault.type != "hosted" &&
      fault.type != "bot")
    body.reject("type", "is bare, view_once, hosted or bot");
  fault.way = body.text("way");
  if (!fault.way.empty() && fault.way != "up" && fault.way != "down") body.reject("way", "is up or down");
  fault.rate = static_cast<std::uint64_t>(body.number("rate", 1, 1'000'000'000).value_or(0));
  if (kind == FaultKind::media_slow && fault.rate == 0) body.reject("rate", "is missing");
  const std::string until = body.text("until");
  if (!until.empty() && until != "reconnect") body.reject("until", "can only be \"reconnect\"");
  fault.until_reconnect = until == "reconnect";
  const bool needs_code =
      kind == FaultKind::ack_error || kind == FaultKind::stream_error || kind == FaultKind::media_refused;
  if (needs_code && fault.code == 0) body.reject("code", "is missing");
  return fault;
}

// Its id and public key in base64url.
std::optional<Passkey> read_passkey(Body& body) {
  const std::string id = body.text("passkey_id"), key = body.text("passkey_key");
  if (id.empty() && key.empty()) return std::nullopt;
  const auto credential = parse_base64url(id), point = parse_base64url(key);
  if (!credential || credential->empty()) body.reject("passkey_id", "must be base64url");
  if (!point || point->size() != 65 || point->front() != 4)
    body.reject("passkey_key", "is no point on P-256, 04 || x || y");
  return Passkey{credential.value_or(Bytes()), point.value_or(Bytes()), body.flag("passkey_bare", false)};
}

NewAccount read_account(Body& body) {
  NewAccount account;
  account.phone = phone_of(body.text("phone", true));
  account.lid = phone_of(body.text("lid"));
  account.name = body.text("name");
  account.about = body.text("about");
  account.picture = body.text("picture");
  const std::string privacy = body.text("privacy");
  if (!privacy.empty() && privacy != "all" && privacy != "none") body.reject("privacy", "is all or none");
  account.shows_nobody = privacy == "none";
  account.hides_number = body.flag("hides_number", false);
  account.forbids_adding = body.flag("forbids_adding", false);
  account.dialled = phone_of(body.text("dialled"));
  if (std::string business = body.text("business"); !business.empty())
    account.business = Business{std::move(business), body.text("category"), body.text("website"),
                                body.text("email"), body.text("address")};
  if (std::string answer = body.text("reply"); !answer.empty()) account.options.reply = std::move(answer);
  account.passkey = read_passkey(body);
  const std::string addressing = body.text("addressing");
  if (!addressing.empty() && addressing != "pn" && addressing != "lid")
    body.reject("addressing", "is pn or lid");
  if (addressing == "pn") account.options.addressing = Form::pn;
  account.lid_migrated = body.flag("lid_migrated", true);
  account.tells_migration = body.flag("client_props", true);
  account.sets_migration = body.flag("migration_setting", true);
  account.tells_watchers = body.flag("token_to_watchers", false);
  account.options.tells_salt = body.flag("salt", true);
  const std::string history = body.text("history");
  if (!history.empty() && history != "inline" && history != "media")
    body.reject("history", "is inline or media");
  account.options.history_inline = history == "inline";
  account.options.history_messages =
      static_cast<std::size_t>(body.number("history_messages", 0, 1'000'000).value_or(0));
  return account;
}

}  // namespace

std::string control_error_body(int status) {
  return Json({{"error", "HTTP " + std::to_string(status)}}).dump() + "\n";
}

std::string endpoints_line(const Endpoints& endpoints) {
  return endpoints_json(endpoints).dump();
}

Control::Control(Server& server, net::Loop& loop) : server_(server), loop_(loop) {
  add("GET", "/status", [this](const net::HttpRequest&) {
    Service& service = server_.service();
    Json json = endpoints_json(server_.endpoints());
    json["accounts"] = service.world().accounts.size();
    json["connections"] = service.connections();
    json["violations"] = service.world().trace.violations().size();
    return reply(200, json);
  });
  add("GET", "/accounts", [this](const net::HttpRequest&) {
    Json list = Json::array();
    for (const auto& [phone, account] : server_.service().world().accounts)
      list.push_back(account_json(account));
    return reply(200, list);
  });
  add("POST", "/accounts", [this](const net::HttpRequest& request) {
    Body body(request.body);
    const NewAccount account = read_account(body);
    if (body.refusal()) return reply(*body.refusal());
    if (auto status = server_.service().add_account(server_.now(), account); !status)
      return reply(status.error());
    return reply(201, account_json(*server_.service().world().account(account.phone)));
  });
  add("GET", "/accounts/{phone}", [this](const net::HttpRequest& request) {
    const Account* account = server_.service().world().account(request.params.at("phone"));
    if (account == nullptr) return reply(Refusal{404, "no such account", "phone"});
    return reply(200, account_json(*account));
  });
  add_slow("POST", "/accounts/{phone}/scan",
           [this](const net::HttpRequest& request, Finish finish) { scan(request, std::move(finish)); });
  add_slow("POST", "/accounts/{phone}/code", [this](const net::HttpRequest& request, Finish finish) {
    enter_code(request, std::move(finish));
  });
  add("POST", "/accounts/{phone}/code/refresh", [this](const net::HttpRequest& request) {
    auto status = server_.service().refresh_code(server_.now(), request.params.at("phone"));
    return status ? reply_nothing() : reply(status.error());
  });
  add("GET", "/accounts/{phone}/passkey", [this](const net::HttpRequest& request) {
    return reply(200, {{"code", server_.service().passkey_code(request.params.at("phone"))}});
  });
  add_chats();
  add_media();
  add_groups();
  add_people();
  add_devices();
  add_faults();
  add_trust();
  add_clients();
  add_trace();
}

Registrar::Scanned Control::linked(Finish finish) {
  return [finish = std::move(finish)](Result<std::uint16_t> device) {
    finish(device ? reply(200, {{"device", *device}}) : reply(device.error()));
  };
}

void Control::scan(const net::HttpRequest& request, Finish finish) {
  Body body(request.body);
  const std::string qr = body.text("qr", true);
  if (body.refusal()) return finish(reply(*body.refusal()));
  server_.service().scan(server_.now(), request.params.at("phone"), qr, linked(std::move(finish)));
}

void Control::enter_code(const net::HttpRequest& request, Finish finish) {
  Body body(request.body);
  const std::string code = body.text("code", true);
  if (body.refusal()) return finish(reply(*body.refusal()));
  server_.service().enter_code(server_.now(), request.params.at("phone"), code, linked(std::move(finish)));
}

void Control::add_chats() {
  add("POST", "/accounts/{phone}/messages", [this](const net::HttpRequest& request) {
    Body body(request.body);
    std::string to = body.text("to", true);
    const std::string text = body.text("text", true), reply_to = body.text("reply_to");
    if (body.refusal()) return reply(*body.refusal());
    if (!to.empty() && to.front() == '+') to.erase(0, 1);
    const auto id =
        server_.service().send_text(server_.now(), request.params.at("phone"), to, text, reply_to);
    return id ? reply(201, {{"id", *id}}) : reply(id.error());
  });
  // Whatever a phone may send: `message` is a serialised Message in base64.
  add("POST", "/accounts/{phone}/contents", [this](const net::HttpRequest& request) {
    Body body(request.body);
    const std::string to = body.text("to", true), id = body.text("id");
    const auto message = parse_base64(body.text("message", true));
    if (!message || message->empty()) body.reject("message", "must be base64");
    Phone::Look look;
    if (std::string type = body.text("type"); !type.empty()) look.type = std::move(type);
    look.edit = body.text("edit");
    look.poll = body.text("polltype");
    look.event = body.text("event_type");
    look.hidden = body.flag("hide", false);
    if (body.refusal()) return reply(*body.refusal());
    const auto sent =
        server_.service().send_content(server_.now(), request.params.at("phone"), to, *message, look, id);
    return sent ? reply(201, {{"id", *sent}}) : reply(sent.error());
  });
  add("GET", "/accounts/{phone}/messages", [this](const net::HttpRequest& request) {
    Phone* phone = server_.service().phone(request.params.at("phone"));
    if (phone == nullptr) return reply(Refusal{404, "no such account", "phone"});
    const std::string since = request.parameter("since");
    const auto after = since.empty() ? std::optional<std::uint64_t>(0) : parse_unsigned(since);
    if (!after) return reply(Refusal{400, "since must be a number", "since"});
    Json list = Json::array();
    for (const auto& message : phone->log().since(*after)) list.push_back(message_json(message));
    return reply(200, list);
  });
  add("POST", "/accounts/{phone}/stanzas", [this](const net::HttpRequest& request) {
    Body body(request.body);
    const std::string tag = body.text("tag", true);
    if (body.refusal()) return reply(*body.refusal());
    auto status = server_.service().send_stanza(server_.now(), request.params.at("phone"), tag);
    return status ? reply_nothing() : reply(status.error());
  });
  add("POST", "/accounts/{phone}/release", [this](const net::HttpRequest& request) {
    auto status = server_.service().release_withheld(server_.now(), request.params.at("phone"));
    return status ? reply_nothing() : reply(status.error());
  });
  add("PUT", "/accounts/{phone}/readreceipts", [this](const net::HttpRequest& request) {
    Body body(request.body);
    const bool shows = body.flag("shown", true);
    if (body.refusal()) return reply(*body.refusal());
    auto status = server_.service().show_reads(server_.now(), request.params.at("phone"), shows);
    return status ? reply_nothing() : reply(status.error());
  });
  add("POST", "/accounts/{phone}/read", [this](const net::HttpRequest& request) {
    Body body(request.body);
    const std::string chat = body.text("chat", true);
    const auto ids = body.texts("ids");
    const bool played = body.flag("played", false);
    if (body.refusal()) return reply(*body.refusal());
    auto status = server_.service().read(server_.now(), request.params.at("phone"), chat, ids, played);
    return status ? reply_nothing() : reply(status.error());
  });
}

void Control::add_devices() {
  add("DELETE", "/accounts/{phone}/devices/{device}", [this](const net::HttpRequest& request) {
    const auto number = parse_unsigned(request.params.at("device"));
    if (!number || *number > 0xffff) return reply(Refusal{400, "device must be a number", "device"});
    auto status = server_.service().remove_device(server_.now(), request.params.at("phone"),
                                                  static_cast<std::uint16_t>(*number));
    return status ? reply_nothing() : reply(status.error());
  });
  add("POST", "/accounts/{phone}/disconnect", [this](const net::HttpRequest& request) {
    Body body(request.body);
    const auto number = body.number("device", 0, 0xffff);
    if (body.refusal()) return reply(*body.refusal());
    std::optional<std::uint16_t> device;
    if (number) device = static_cast<std::uint16_t>(*number);
    const auto count = server_.service().disconnect(server_.now(), request.params.at("phone"), device);
    return count ? reply(200, {{"closed", *count}}) : reply(count.error());
  });
}

void Control::add_faults() {
  add("POST", "/faults", [this](const net::HttpRequest& request) {
    Body body(request.body);
    const Fault fault = read_fault(body);
    if (body.refusal()) return reply(*body.refusal());
    return reply(201, {{"id", server_.service().add_fault(server_.now(), fault)}});
  });
  add("GET", "/faults", [this](const net::HttpRequest&) {
    Json list = Json::array();
    for (const auto& fault : server_.service().world().faults.all()) list.push_back(fault_json(fault));
    return reply(200, list);
  });
  add("DELETE", "/faults", [this](const net::HttpRequest&) {
    server_.service().world().faults.clear();
    return reply_nothing();
  });
  add("DELETE", "/faults/{id}", [this](const net::HttpRequest& request) {
    const auto id = parse_unsigned(request.params.at("id"));
    if (!id || !server_.service().world().faults.remove(*id))
      return reply(Refusal{404, "no such fault", "id"});
    return reply_nothing();
  });
}

void Control::add_trace() {
  add("GET", "/violations", [this](const net::HttpRequest&) {
    Json list = Json::array();
    for (const auto& violation : server_.service().world().trace.violations())
      list.push_back(violation_json(violation));
    return reply(200, list);
  });
  add("DELETE", "/violations", [this](const net::HttpRequest&) {
    server_.service().world().trace.clear_violations();
    return reply_nothing();
  });
  add("GET", "/trace", [this](const net::HttpRequest& request) {
    const std::string limit = request.parameter("limit");
    const auto count = limit.empty() ? std::optional<std::uint64_t>(kTraceLimit) : parse_unsigned(limit);
    if (!count) return reply(Refusal{400, "limit must be a number", "limit"});
    Json list = Json::array();
    for (const auto* entry :
         server_.service().world().trace.newest(phone_of(request.parameter("account")), *count))
      list.push_back(trace_json(*entry));
    return reply(200, list);
  });
}

void Control::add(const char* method, const char* pattern,
                  std::function<net::HttpReply(const net::HttpRequest&)> action) {
  add_slow(method, pattern,
           [action = std::move(action)](const net::HttpRequest& request, const Finish& finish) {
             finish(action(request));
           });
}

void Control::add_slow(const char* method, const char* pattern, Action action) {
  router_.add(method, pattern, [this, action = std::move(action)](const net::HttpRequest& request) {
    return on_loop(request, action);
  });
}

net::HttpReply Control::on_loop(const net::HttpRequest& request, const Action& action) {
  auto promise = std::make_shared<std::promise<net::HttpReply>>();
  auto answer = promise->get_future();
  // Copies: this thread may have given up by the time the loop gets to it.
  loop_.post([this, request, action, promise] {
    action(request, [promise](net::HttpReply result) { promise->set_value(std::move(result)); });
    server_.pump();
  });
  promise.reset();
  for (auto waited = kSlice; waited <= kLongestWait && !stopping_; waited += kSlice) {
    if (answer.wait_for(kSlice) != std::future_status::ready) continue;
    try {
      return answer.get();
    } catch (const std::future_error&) {  // the loop or the service went away with the question
      break;
    }
  }
  return reply(Refusal{503, "the sandbox does not answer", {}});
}

net::HttpAdmission Control::admit(net::HttpRequest& request) {
  const auto match = router_.find(request);
  if (match.outcome == net::HttpRouter::Outcome::found) return net::HttpWork{*match.handler};
  if (match.outcome == net::HttpRouter::Outcome::no_such_path)
    return net::HttpAnswer{reply(Refusal{404, "no such path", {}})};
  auto refused = reply(Refusal{405, "no such method here", {}});
  refused.headers.emplace_back("Allow", match.allowed);
  return net::HttpAnswer{std::move(refused)};
}

}  // namespace pigeond::sandbox
