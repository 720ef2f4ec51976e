#include "gateway/previews/page_reader.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "base/limits.h"
#include "base/log.h"
#include "gateway/previews/links.h"

namespace pigeond::gateway {
namespace {

constexpr Millis kPatience = 5 * kSecond;  // for one page, with all redirects
constexpr int kRedirects = 3;
constexpr std::size_t kFetches = 32;  // at once
constexpr std::size_t kKnown = 256;   // pages
constexpr Millis kKnownFor = 10 * kMinute;

std::string in_lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

}  // namespace

struct PageReader::Fetch {
  std::string asked;  // by whom it was named first
  std::string url;    // where redirects have led
  Millis until = 0;   // mono
  int redirects = 0;
  std::string body;
};

PageReader::PageReader(net::NetworkRules networks, std::string ca_file, std::string agent, Clock& clock)
    : ca_file_(std::move(ca_file)),
      agent_(std::move(agent)),
      loop_(clock),
      network_(loop_, random_),
      client_(network_, [networks = std::move(networks)](
                            const net::Address& address) { return networks.check(address); }),
      thread_([this] { loop_.run(); }) {}

PageReader::~PageReader() {
  loop_.stop();
  thread_.join();
}

void PageReader::read(std::string url, Done done) {
  loop_.post([this, url = std::move(url), done = std::move(done)]() mutable {
    begin(std::move(url), std::move(done));
  });
}

void PageReader::begin(std::string url, Done done) {
  const Millis now = loop_.now().mono;
  if (const auto known = known_.find(url); known != known_.end() && known->second.until > now)
    return done(known->second.words);
  if (const auto open = open_.find(url); open != open_.end()) return open->second.push_back(std::move(done));
  if (open_.size() >= kFetches) return done({});
  open_[url].push_back(std::move(done));
  auto fetch = std::make_shared<Fetch>();
  fetch->asked = fetch->url = std::move(url);
  fetch->until = now + kPatience;
  ask(fetch);
}

void PageReader::ask(const std::shared_ptr<Fetch>& fetch) {
  net::HttpClientRequest request;
  request.method = "GET";
  request.url = fetch->url;
  request.headers = {{"User-Agent", agent_}, {"Accept", "text/html"}};
  request.timeout = std::max<Millis>(fetch->until - loop_.now().mono, 1);
  if (!ca_file_.empty()) request.tls.ca_file = ca_file_;
  request.most_body = 0;
  // Without an end it is enough what came first.
  request.sink = [fetch](ByteView data) -> Status {
    const std::size_t room = limits::kPreviewPage - fetch->body.size();
    fetch->body += as_text(data.first(std::min(room, data.size())));
    if (data.size() >= room) return fail(Cause::too_large, "the page is long");
    return {};
  };
  client_.send(request,
               [this, fetch](const Result<net::HttpResponse>& response) { answered(fetch, response); });
}

void PageReader::answered(const std::shared_ptr<Fetch>& fetch, const Result<net::HttpResponse>& response) {
  const bool cut = !response && response.cause() == Cause::too_large && !fetch->body.empty();
  if (!response && !cut) {
    log::info("link_preview_failed", {{"cause", std::string(cause_name(response.cause()))}});
    return end(fetch->asked, {});
  }
  // A page that was cut has no head any more: it looks like one, or is a long file.
  const auto first = fetch->body.find_first_not_of("\xef\xbb\xbf \t\r\n");
  if (cut && (first == std::string::npos || fetch->body[first] != '<')) return end(fetch->asked, {});
  std::string type = "text/html";
  if (response) {
    if (is_redirect(response->status)) {
      const auto location = find_header(response->headers, "Location");
      std::string next = location ? redirected(fetch->url, *location) : std::string();
      const bool from_tls = fetch->url.starts_with("https:") && !next.starts_with("https:");
      if (next.empty() || from_tls || ++fetch->redirects > kRedirects) return end(fetch->asked, {});
      fetch->url = std::move(next);
      fetch->body.clear();
      return ask(fetch);
    }
    if (response->status != 200) return end(fetch->asked, {});
    type = in_lower(find_header(response->headers, "Content-Type").value_or("text/html"));
    if (!type.starts_with("text/html") && !type.starts_with("application/xhtml"))
      return end(fetch->asked, {});
  }
  const bool latin1 =
      type.find("iso-8859-1") != std::string::npos || type.find("windows-1252") != std::string::npos;
  end(fetch->asked, read_page(fetch->body, latin1));
}

void PageReader::end(const std::string& url, PageWords words) {
  const Millis now = loop_.now().mono;
  std::erase_if(known_, [now](const auto& entry) { return entry.second.until <= now; });
  if (known_.size() >= kKnown) known_.clear();
  known_[url] = {words, now + kKnownFor};
  const auto done = std::move(open_[url]);
  open_.erase(url);
  for (const auto& one : done) one(words);
}

}  // namespace pigeond::gateway
