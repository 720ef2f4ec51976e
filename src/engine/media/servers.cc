#include "engine/media/servers.h"

#include <algorithm>
#include <utility>

#include "engine/messages/desk.h"

namespace pigeond::engine {
namespace {

constexpr std::size_t kAuth = 2048;                              // bytes
constexpr std::size_t kHosts = 8;                                // that are tried
constexpr std::uint64_t kShortestTtl = 60, kLongestTtl = 86400;  // seconds

// What comes after the scheme of a URL, and before the path.
bool is_host(std::string_view host) {
  const bool printable = std::all_of(host.begin(), host.end(), [](char c) { return c > ' ' && c < 0x7f; });
  return !host.empty() && host.size() <= 255 && printable &&
         host.find_first_of("/@?#\\") == std::string_view::npos;
}

}  // namespace

const MediaHosts* MediaServers::known() const {
  return hosts_.names.empty() || desk_.context.now.mono >= until_ ? nullptr : &hosts_;
}

void MediaServers::ask(Answered<MediaHosts> answered) {
  if (const auto* hosts = known()) return answered(*hosts);
  waiting_.push_back(std::move(answered));
  if (waiting_.size() > 1) return;
  wire::Node iq("iq");
  iq.set("type", "set").set("xmlns", "w:m").add(wire::Node("media_conn"));
  desk_.query(std::move(iq), [this](const Result<wire::Node>& answer) {
    if (answer) told(*answer);
    Result<MediaHosts> out = hosts_;
    if (!answer)
      out = answer.error();
    else if (hosts_.names.empty())
      out = fail(Cause::malformed, "the service names no media servers");
    for (auto& each : std::exchange(waiting_, {})) each(out);
  });
}

void MediaServers::told(const wire::Node& answer) {
  hosts_ = {};
  const auto* where = answer.child("media_conn");
  if (where == nullptr) return;
  hosts_.auth = where->attr("auth");
  if (hosts_.auth.size() > kAuth) hosts_.auth.clear();
  const std::uint64_t ttl = std::clamp(where->number("ttl").value_or(0), kShortestTtl, kLongestTtl);
  until_ = desk_.context.now.mono + static_cast<Millis>(ttl) * kSecond;
  where->each("host", [this](const wire::Node& host) {
    const std::string name = host.attr("hostname");
    if (is_host(name) && hosts_.names.size() < kHosts) hosts_.names.push_back(name);
  });
}

void MediaServers::offline() {
  hosts_ = {};
}

}  // namespace pigeond::engine
