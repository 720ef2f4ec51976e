#include "outside/media_line.h"

#include <algorithm>
#include <utility>

namespace pigeond::sim {
namespace {

constexpr std::uint64_t kBroken = 4;  // one in so many
constexpr Millis kOneWay = 300;       // at most
constexpr std::size_t kPiece = 1000;  // bytes
constexpr std::string_view kScheme = "http://";

}  // namespace

net::HttpSender::Id MediaLine::send(const net::HttpClientRequest& request, Callback callback) {
  const Id id = next_++;
  if (!outlet_.leaves(request.method + " of a media server")) return id;
  calls_[id] = {request, std::move(callback)};
  const bool breaks = random_.below(kBroken) == 0;
  timeline_.after(static_cast<Millis>(random_.below(kOneWay)), [this, id, breaks] { ask(id, breaks); });
  return id;
}

void MediaLine::ask(Id id, bool breaks) {
  const auto call = calls_.find(id);
  if (call == calls_.end()) return;
  const std::string& url = call->second.request.url;
  const std::string target = url.substr(url.find('/', kScheme.size()));
  sandbox::MediaStore::Answer found;
  if (call->second.request.method == "DELETE") {
    std::string secret;
    for (const auto& header : call->second.request.headers)
      if (header.name == "Companion_User_Secret") secret = header.value;
    found.status = store_.erase(target, secret);
  } else {
    found = store_.get(target);
  }
  if (breaks && found.body && found.cut_after == 0) found.cut_after = found.body->size() / 2;
  timeline_.after(static_cast<Millis>(random_.below(kOneWay)), [this, id, found] { answer(id, found); });
}

void MediaLine::answer(Id id, const sandbox::MediaStore::Answer& found) {
  if (!calls_.contains(id)) return;
  outlet_.post([this, id, found] {
    auto call = calls_.extract(id);
    if (call.empty()) return;
    const auto& [request, callback] = call.mapped();
    const std::size_t size = !found.body ? 0 : found.cut_after > 0 ? found.cut_after : found.body->size();
    for (std::size_t at = 0; at < size && request.sink; at += kPiece)
      if (auto taken = request.sink(ByteView(*found.body).subspan(at, std::min(kPiece, size - at))); !taken)
        return callback(taken.error());
    if (found.cut_after > 0) return callback(fail(Cause::link_lost, "the media server hung up"));
    net::HttpResponse response;
    response.status = found.status;
    callback(std::move(response));
  });
}

}  // namespace pigeond::sim
