#include "gateway/previews/previews.h"

#include <utility>

#include "engine/messages/kinds/text.h"
#include "gateway/previews/page_reader.h"

namespace pigeond::gateway {
namespace {

std::string line_of(const SendRequest& request) {
  return request.session + ' ' + request.to.text();
}

}  // namespace

Previews::Previews(net::NetworkRules networks, std::string ca_file, std::string agent, Clock& clock,
                   Send send)
    : networks_(std::move(networks)),
      ca_file_(std::move(ca_file)),
      agent_(std::move(agent)),
      clock_(clock),
      send_(std::move(send)) {}

Previews::~Previews() {
  pages_.reset();
  for (auto& [key, line] : lines_)
    for (auto& waiting : line)
      waiting->reply(Result<SentMessage>(fail(Cause::shutting_down, "the gateway is stopping")));
}

void Previews::send(SendRequest request, Reply<SentMessage> reply) {
  const std::string key = line_of(request);
  const std::string link = request.link;
  std::unique_lock lock(mutex_);
  const auto there = lines_.find(key);
  if (link.empty() && there == lines_.end()) {
    lock.unlock();
    return send_(std::move(request), std::move(reply));
  }
  auto waiting = std::make_shared<Waiting>(Waiting{std::move(request), std::move(reply), link.empty()});
  lines_[key].push_back(waiting);
  if (link.empty()) return;
  if (!pages_) pages_ = std::make_unique<PageReader>(networks_, ca_file_, agent_, clock_);
  PageReader& pages = *pages_;
  lock.unlock();
  pages.read(link, [this, key, waiting = std::move(waiting)](const PageWords& words) {
    SendRequest& asked = waiting->request;
    if (!words.title.empty())
      asked.content = engine::text_content(engine::describe(asked.content).body,
                                           {asked.link, words.title, words.description});
    pass(key, *waiting);
  });
}

// On the thread of the pages alone, so that two of one chat can't overtake each other. The line goes when its
// last message has been passed on: until then whoever comes stands behind it.
void Previews::pass(const std::string& key, Waiting& done) {
  std::unique_lock lock(mutex_);
  done.ready = true;
  Line& line = lines_.at(key);
  while (!line.empty() && line.front()->ready) {
    const auto next = line.front();
    lock.unlock();
    send_(std::move(next->request), std::move(next->reply));
    lock.lock();
    line.pop_front();
  }
  if (line.empty()) lines_.erase(key);
}

}  // namespace pigeond::gateway
