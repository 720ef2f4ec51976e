#include "gateway/media/media.h"

#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "engine/media/path.h"
#include "engine/questions/media.h"
#include "store/account/people.h"
#include "store/messages/messages.h"

namespace pigeond::gateway {
namespace {

constexpr Millis kTidy = kHour;

bool is_there(const store::MessageRow& row, const wire::Jid& chat, const store::Person& person) {
  return chat.empty() || row.chat == chat || row.chat == person.pn || row.chat == person.lid;
}

Error no_message() {
  return fail(Cause::not_found, Field::target, "there is no such message");
}

struct Row {
  std::int64_t session = 0;
  engine::MediaFile file;
};

// Ids are their senders': one of another sender in the same chat is another message.
Result<Row> look_up(store::Database& database, std::int64_t session, const engine::MessageRef& message) {
  store::People people(database, session);
  const auto chat = message.chat.is_user() ? people.find(message.chat) : store::Person{};
  const auto author = message.author.is_user() ? people.find(message.author) : store::Person{};
  store::Messages messages(database, session);
  for (const auto& row : messages.heads(message.id)) {
    if (row.from_me != message.from_me || !is_there(row, message.chat, chat)) continue;
    const wire::Jid sender = row.sender.without_device();
    const bool by_author =
        message.author.empty() || sender == message.author || sender == author.pn || sender == author.lid;
    if (!row.from_me && !row.chat.is_user() && !by_author) continue;
    PIGEOND_TRY(auto file, engine::media_file(messages.content(row.seq)));
    return Row{session, std::move(file)};
  }
  return no_message();
}

}  // namespace

Media::Media(MediaOptions options, Clock& clock, Ways ways)
    : options_(std::move(options)),
      ways_(std::move(ways)),
      loop_(clock),
      network_(loop_, random_),
      http_(network_),
      folder_(options_.folder, options_.secret, options_.limits) {
  loop_.post([this] { tidy(); });
  thread_ = std::thread([this] { loop_.run(); });
}

Media::~Media() {
  loop_.stop();
  thread_.join();
}

void Media::tidy() {
  folder_.tidy(loop_.now().wall);
  loop_.after(kTidy, [this] { tidy(); });
}

void Media::remove(const std::string& session) {
  loop_.post([this, session] { folder_.remove(session); });
}

void Media::find(const std::string& session, engine::MessageRef message, Reply<FoundMedia> reply) {
  loop_.post([this, session, message = std::move(message), reply = std::move(reply)]() mutable {
    look(session, message, std::move(reply));
  });
}

void Media::look(const std::string& session, const engine::MessageRef& message, Reply<FoundMedia> reply) {
  const auto row =
      found<Row>(ways_.read(session, [&](store::Database& database, std::int64_t id) -> Result<Found> {
        PIGEOND_TRY(auto looked, look_up(database, id, message));
        return Found(std::make_shared<const Row>(std::move(looked)));
      }));
  if (!row) return reply(row.error());
  // A message that was edited, or sent again, has another file under the same id.
  const std::string name = folder_.name_of(
      session, std::to_string(row->session) + " " + message.id + " " + hex_lower(row->file.sha256));
  Wanted wanted{session, message, row->file};
  if (auto file = there(wanted, name)) return reply(std::move(*file));
  if (waiting_ >= kWaiting) return reply(fail(Cause::rate_limited, "too many files are waited for"));
  ++waiting_;
  auto& flight = flights_[name];
  flight.waiting.push_back(std::move(reply));
  if (flight.waiting.size() > 1) return;
  flight.wanted = std::move(wanted);
  line_.push_back(name);
  begin();
}

Result<FoundMedia> Media::there(const Wanted& wanted, const std::string& name) {
  auto file = folder_.open(wanted.session, name, loop_.now().wall);
  if (!file) return fail(Cause::not_found, "it was not fetched");
  return FoundMedia{std::move(*file), wanted.file.mimetype, wanted.file.filename,
                    hex_lower(wanted.file.sha256)};
}

template <typename T>
void Media::ask(const std::string& name, engine::Question<T> question,
                std::function<void(Result<T>)> answered) {
  const auto flight = flights_.find(name);
  if (flight == flights_.end()) return;
  ways_.ask(flight->second.wanted.session, asking<T>({}, std::move(question)),
            [this, answered = std::move(answered)](Result<Found> answer) {
              loop_.post([answered, answer = std::move(answer)] { answered(found<T>(answer)); });
            });
}

void Media::begin() {
  while (begun_ < kAtOnce && !line_.empty()) {
    const std::string next = std::move(line_.front());
    line_.pop_front();
    ++begun_;
    ask<engine::MediaHosts>(
        next, [](engine::Desk& desk, auto answered) { ask_media_servers(desk, false, std::move(answered)); },
        [this, next](const Result<engine::MediaHosts>& hosts) {
          hosts ? fetch(next, *hosts) : end(next, hosts.error());
        });
  }
}

void Media::fetch(const std::string& name, const engine::MediaHosts& hosts) {
  Flight& flight = flights_.at(name);
  const auto& file = flight.wanted.file;
  MediaDownload::From from;
  from.hosts = hosts.names;
  from.path = engine::media_target(file.path, file.enc_sha256, file.type);
  from.tls = options_.tls;
  if (!options_.ca_file.empty()) from.trust.ca_file = options_.ca_file;
  from.proxy = ways_.proxy(flight.wanted.session);
  flight.download = std::make_unique<MediaDownload>(
      loop_, http_, folder_, options_.folder, options_.most, file, std::move(from),
      [this, name](Result<std::unique_ptr<MediaFolder::Draft>> draft) { fetched(name, std::move(draft)); });
}

void Media::fetched(const std::string& name, Result<std::unique_ptr<MediaFolder::Draft>> draft) {
  Flight& flight = flights_.at(name);
  if (!draft) {
    const bool gone = draft.cause() == Cause::not_found;
    if (gone && !std::exchange(flight.asked_phone, true)) return ask_phone(name);
    return end(name, draft.error());
  }
  const Status kept = folder_.keep(std::move(*draft), flight.wanted.session, name, loop_.now().wall);
  end(name, kept ? there(flight.wanted, name) : Result<FoundMedia>(kept.error()));
}

// With the servers of that moment: a word that has expired, or other hosts, look the same from here.
void Media::ask_phone(const std::string& name) {
  const Wanted wanted = flights_.at(name).wanted;
  ask<std::string>(
      name,
      [message = wanted.message, key = wanted.file.media_key](engine::Desk& desk, auto answered) {
        ask_for_file_again(desk, message, key, std::move(answered));
      },
      [this, name](const Result<std::string>& path) {
        if (!path) return end(name, path.error());
        flights_.at(name).wanted.file.path = *path;
        ask<engine::MediaHosts>(
            name,
            [](engine::Desk& desk, auto answered) { ask_media_servers(desk, true, std::move(answered)); },
            [this, name](const Result<engine::MediaHosts>& hosts) {
              hosts ? fetch(name, *hosts) : end(name, hosts.error());
            });
      });
}

void Media::end(const std::string& name, const Result<FoundMedia>& result) {
  auto flight = flights_.extract(name);
  if (!result)
    log::warning("media_not_fetched", {{"session", flight.mapped().wanted.session},
                                       {"id", flight.mapped().wanted.message.id},
                                       {"cause", std::string(cause_name(result.cause()))},
                                       {"detail", result.error().detail}});
  --begun_;
  waiting_ -= flight.mapped().waiting.size();
  // The download calls from its own last line: it goes when that is over.
  loop_.post([download = std::shared_ptr<MediaDownload>(std::move(flight.mapped().download))] {});
  for (auto& reply : flight.mapped().waiting) reply(result);
  begin();
}

}  // namespace pigeond::gateway
