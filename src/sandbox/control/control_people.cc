// Control's part that is about what people show each other, and calls.
#include "sandbox/control/control.h"
#include "sandbox/control/control_json.h"
#include "sandbox/server.h"

namespace pigeond::sandbox {
namespace {

Json call_json(const CallRecord& call) {
  return {{"id", call.id},
          {"by", call.by},
          {"to", call.to},
          {"state", call.state},
          {"device", call.state == "rejected" ? Json(call.device.number) : Json()}};
}

// <composing/>, <composing media="audio"/> or <paused/>
wire::Node state_of(const std::string& presence) {
  wire::Node state(presence == "paused" ? "paused" : "composing");
  if (presence == "recording") state.set("media", "audio");
  return state;
}

bool is_of_chat(const std::string& presence) {
  return presence == "typing" || presence == "recording" || presence == "paused";
}

}  // namespace

void Control::add_people() {
  add("POST", "/accounts/{phone}/presence", [this](const net::HttpRequest& request) {
    Body body(request.body);
    const std::string presence = body.text("presence", true);
    const bool of_chat = is_of_chat(presence);
    const std::string to = phone_of(body.text("to", of_chat));
    if (!of_chat && presence != "online" && presence != "offline")
      body.reject("presence", "is online, offline, typing, recording or paused");
    if (body.refusal()) return reply(*body.refusal());
    const std::string& phone = request.params.at("phone");
    const auto status = of_chat ? server_.service().write_state(server_.now(), phone, to, state_of(presence))
                                : server_.service().show(server_.now(), phone, presence == "online");
    return status ? reply_nothing() : reply(status.error());
  });
  add("POST", "/accounts/{phone}/call", [this](const net::HttpRequest& request) {
    Body body(request.body);
    CallAction call{request.params.at("phone"), phone_of(body.text("to", true))};
    call.id = body.text("id");
    call.video = body.flag("video", false);
    if (std::string action = body.text("action"); !action.empty()) call.action = std::move(action);
    call.reason = body.text("reason");
    if (body.refusal()) return reply(*body.refusal());
    const auto id = server_.service().call(server_.now(), call);
    return id ? reply(201, {{"id", *id}}) : reply(id.error());
  });
  add("GET", "/calls", [this](const net::HttpRequest&) {
    Json list = Json::array();
    for (const auto& call : server_.service().calls()) list.push_back(call_json(call));
    return reply(200, list);
  });
  add("POST", "/accounts/{phone}/moved", [this](const net::HttpRequest& request) {
    Body body(request.body);
    const std::string to = phone_of(body.text("to", true)), told = phone_of(body.text("told", true));
    if (body.refusal()) return reply(*body.refusal());
    const auto status = server_.service().moved(server_.now(), request.params.at("phone"), to, told);
    return status ? reply_nothing() : reply(status.error());
  });
  add("PUT", "/accounts/{phone}/number", [this](const net::HttpRequest& request) {
    Body body(request.body);
    const bool hidden = body.flag("hidden", true);
    if (body.refusal()) return reply(*body.refusal());
    const auto status = server_.service().hide_number(server_.now(), request.params.at("phone"), hidden);
    return status ? reply_nothing() : reply(status.error());
  });
}

}  // namespace pigeond::sandbox
