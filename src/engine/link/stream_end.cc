#include "engine/link/stream_end.h"

#include <algorithm>
#include <string>

#include "base/text.h"

namespace pigeond::engine {
namespace {

struct Row {
  int code;
  EndAction action;
  Cause cause;
  std::string_view text;
};

constexpr Row kStreamErrors[] = {
    {515, EndAction::reconnect_now, Cause::link_lost, "restart requested"},
    {516, EndAction::erase, Cause::logged_out, "the device was removed from the account"},
    {409, EndAction::give_way, Cause::replaced, "another connection took this device's place"},
    {401, EndAction::reconnect, Cause::link_lost, "stream not authorised"},
    {413, EndAction::reconnect, Cause::link_lost, "token expired"},
    {414, EndAction::reconnect, Cause::link_lost, "token invalid"},
    {429, EndAction::reconnect, Cause::rate_limited, "too many connections"},
    {500, EndAction::reconnect, Cause::link_lost, "server error"},
    {503, EndAction::reconnect, Cause::link_lost, "server restarting"},
};

constexpr Row kFailures[] = {
    {400, EndAction::stop, Cause::unsupported, "login refused"},
    {401, EndAction::erase, Cause::logged_out, "the device was removed from the account"},
    {402, EndAction::stop_until, Cause::banned, "the account is banned for a time"},
    {403, EndAction::stop, Cause::banned, "the account is locked, or its phone is gone"},
    {405, EndAction::refresh_version, Cause::outdated, "client version refused"},
    {406, EndAction::stop, Cause::banned, "the account is banned"},
    {409, EndAction::stop, Cause::unsupported, "user agent refused"},
    {411, EndAction::stop, Cause::unsupported, "the account has no multi-device"},
    {413, EndAction::stop, Cause::unsupported, "token expired"},
    {414, EndAction::stop, Cause::unsupported, "token invalid"},
    {415, EndAction::stop, Cause::unsupported, "not found"},
    {418, EndAction::stop, Cause::unsupported, "unknown client"},
    {419, EndAction::stop, Cause::logged_out, "login not authorised"},
    {500, EndAction::reconnect, Cause::link_lost, "server error"},
    {501, EndAction::stop, Cause::unsupported, "experimental client refused"},
    {503, EndAction::reconnect, Cause::link_lost, "service unavailable"},
};

constexpr std::size_t kServerText = 200;  // bytes of the server's own words that are kept

const Row* find_row(std::span<const Row> rows, int code) {
  const auto row = std::find_if(rows.begin(), rows.end(), [code](const Row& r) { return r.code == code; });
  return row == rows.end() ? nullptr : &*row;
}

int number_of(const wire::Node& node, std::string_view name) {
  const auto value = node.number(name);
  return value && *value <= 9999 ? static_cast<int>(*value) : 0;
}

std::string_view ban_text(int code) {
  switch (code) {
    case 101:
      return "messages to too many people who don't know the number";
    case 102:
      return "blocked by too many people";
    case 103:
      return "too many groups created with people who don't know the number";
    case 104:
      return "the same message to too many people";
    case 106:
      return "too many messages to a broadcast list";
    default:
      return "";
  }
}

void append_server_text(std::string& detail, const std::string& text) {
  if (text.empty() || !is_valid_utf8(text)) return;
  std::size_t size = std::min(text.size(), kServerText);
  while (size > 0 && size < text.size() && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
  detail += ": " + text.substr(0, size);
}

std::string short_text(std::string text) {
  return text.size() <= kServerText && is_valid_utf8(text) ? std::move(text) : std::string();
}

// As the web client keeps them (whatsapp-rust c27aae0c): the difference between a ban for spam and a device
// that is to be linked anew. The token is a secret: that there is one is enough to know.
void append_particulars(std::string& detail, const wire::Node& failure) {
  std::string all;
  for (const char* name : {"location", "vt", "violation_reason", "url", "logout_message_locale"}) {
    const std::string value = short_text(failure.attr(name));
    if (!value.empty()) all += (all.empty() ? "" : ", ") + std::string(name) + " " + value;
  }
  if (failure.has("appeal_token")) all += (all.empty() ? "" : ", ") + std::string("an appeal is possible");
  if (!all.empty()) detail += " (" + all + ")";
}

}  // namespace

std::string_view end_action_name(EndAction action) {
  switch (action) {
    case EndAction::reconnect_now:
      return "reconnect_now";
    case EndAction::reconnect:
      return "reconnect";
    case EndAction::stop:
      return "stop";
    case EndAction::give_way:
      return "give_way";
    case EndAction::stop_until:
      return "stop_until";
    case EndAction::erase:
      return "erase";
    case EndAction::refresh_version:
      return "refresh_version";
  }
  return "?";
}

StreamEnd classify_stream_error(const wire::Node& node) {
  const int code = number_of(node, "code");
  if (const auto* conflict = node.child("conflict")) {
    if (conflict->is("type", "replaced"))
      return {EndAction::give_way,
              fail(Cause::replaced, "another connection took this device's place", code)};
    if (conflict->is("type", "device_removed"))
      return {EndAction::erase, fail(Cause::logged_out, "the device was removed from the account", code)};
    std::string detail = "a conflict of an unknown kind";
    append_server_text(detail, conflict->attr("type"));
    return {EndAction::stop, fail(Cause::replaced, std::move(detail), code)};
  }
  if (const auto* row = find_row(kStreamErrors, code)) {
    StreamEnd end{row->action, fail(row->cause, std::string(row->text), code)};
    if (code == 429) end.penalty = 5;
    return end;
  }
  // Not an acknowledgement of ours, but of theirs which is missing (whatsapp-rust src/client/node_io.rs).
  if (const auto* ack = node.child("ack")) {
    StreamEnd end{EndAction::reconnect, fail(Cause::link_lost, "the server misses an answer of ours", code)};
    end.owed_class = short_text(ack->attr("class"));
    end.owed_id = short_text(ack->attr("id"));
    append_server_text(end.error.detail, end.owed_class + " " + end.owed_id);
    return end;
  }
  if (node.child("xml-not-well-formed"))
    return {EndAction::reconnect, fail(Cause::link_lost, "the server could not read a stanza of ours", code)};
  std::string detail = "stream error";
  if (!node.children().empty()) append_server_text(detail, node.children().front().tag);
  return {EndAction::reconnect, fail(Cause::link_lost, std::move(detail), code)};
}

StreamEnd classify_failure(const wire::Node& node) {
  const int reason = number_of(node, "reason");
  const auto* row = find_row(kFailures, reason);
  if (!row) {
    const bool server_side = reason >= 500;
    std::string detail = "login refused";
    append_server_text(detail, node.attr("message"));
    append_particulars(detail, node);
    return {server_side ? EndAction::reconnect : EndAction::stop,
            fail(server_side ? Cause::link_lost : Cause::unsupported, std::move(detail), reason)};
  }
  StreamEnd end{row->action, fail(row->cause, std::string(row->text), reason)};
  append_server_text(end.error.detail, node.attr("message"));
  append_server_text(end.error.detail, node.attr("logout_message_header"));
  append_server_text(end.error.detail, node.attr("logout_message_subtext"));
  if (row->action == EndAction::stop_until) {
    append_server_text(end.error.detail, std::string(ban_text(number_of(node, "code"))));
    end.wait_seconds =
        static_cast<std::int64_t>(std::min<std::uint64_t>(node.number("expire").value_or(0), 366 * 86400));
    if (end.wait_seconds == 0) end.action = EndAction::stop;  // nothing says when it ends
  }
  append_particulars(end.error.detail, node);
  return end;
}

}  // namespace pigeond::engine
