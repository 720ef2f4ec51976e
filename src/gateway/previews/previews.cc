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
  stop();
}

void Previews::stop() {
  std::unique_ptr<PageReader> pages;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    pages.swap(pages_);
  }
  pages.reset();  // its thread has ended: nobody passes anything on any more
  std::map<std::string, Line> lines;
  {
    const std::lock_guard lock(mutex_);
    lines.swap(lines_);
  }
  for (auto& [key, line] : lines)
    for (auto& waiting : line)
      waiting->reply(Result<SentMessage>(fail(Cause::shutting_down, "the gateway is stopping")));
}

void Previews::send(SendRequest request, bool fetch, Reply<SentMessage> reply) {
  const std::string key = line_of(request);
  std::unique_lock lock(mutex_);
  if (stopped_ || (!fetch && !lines_.contains(key))) {
    lock.unlock();
    return send_(std::move(request), std::move(reply));
  }
  const std::string link = request.link;
  auto waiting = std::make_shared<Waiting>(Waiting{std::move(request), std::move(reply), !fetch});
  lines_[key].push_back(waiting);
  if (!fetch) return;
  if (!pages_) pages_ = std::make_unique<PageReader>(networks_, ca_file_, agent_, clock_);
  pages_->read(link, [this, key, waiting = std::move(waiting)](const PageWords& words) {
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
