// Files of messages for whoever wants to see them: from the folder, or else from the service's media servers
// into it. Nothing is fetched before somebody wants it, and what several want at once is fetched once.
//
// On a thread and a loop of its own: no session waits for a file, whatever its size, and no thread of the API
// waits for a server.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/random.h"
#include "engine/media/servers.h"
#include "engine/messages/kinds/content.h"
#include "engine/messages/kinds/media.h"
#include "gateway/asking.h"
#include "gateway/media/download.h"
#include "gateway/media/folder.h"
#include "gateway/media/types.h"
#include "gateway/reply.h"
#include "net/network.h"
#include "store/database/database.h"

namespace pigeond::gateway {

class Media {
 public:
  // What it needs of the gateway, from any thread. Whoever asks is answered before this goes, or never.
  struct Ways {
    std::function<void(const std::string& session, Asking, Reply<Found>)> ask;  // does not block
    std::function<Result<Found>(const std::string& session,
                                const std::function<Result<Found>(store::Database&, std::int64_t)>&)>
        read;
    std::function<net::ProxyRef(const std::string& session)> proxy;
  };
  static constexpr std::size_t kAtOnce = 8;      // files that are fetched
  static constexpr std::size_t kWaiting = 1000;  // callers, for all files together

  Media(MediaOptions options, Clock& clock, Ways ways);
  ~Media();  // who waits is not answered any more

  // The file of a message, by its id, its chat and who has sent it. From any thread, and does not block.
  // Errors: not_found (no such message, it has no file, or nobody has it any more), malformed and bad_mac
  // (what the servers have is another file), too_large, io (this disk), rate_limited (too many wait), and why
  // the session, or a server, could not be asked.
  void find(const std::string& session, engine::MessageRef message, Reply<FoundMedia> reply);
  void remove(const std::string& session);  // all of its files, from any thread

 private:
  struct Wanted {
    std::string session;
    engine::MessageRef message;
    engine::MediaFile file;
  };
  struct Flight {
    Wanted wanted;
    std::vector<Reply<FoundMedia>> waiting;
    bool asked_phone = false;
    std::unique_ptr<MediaDownload> download;
  };

  void look(const std::string& session, const engine::MessageRef& message, Reply<FoundMedia> reply);
  Result<FoundMedia> there(const Wanted& wanted, const std::string& name);
  void begin();
  void fetch(const std::string& name, const engine::MediaHosts& hosts);
  void fetched(const std::string& name, Result<std::unique_ptr<MediaFolder::Draft>> draft);
  void ask_phone(const std::string& name);
  void end(const std::string& name, const Result<FoundMedia>& result);
  void tidy();
  template <typename T>
  void ask(const std::string& name, engine::Question<T> question, std::function<void(Result<T>)> answered);

  const MediaOptions options_;
  const Ways ways_;
  SystemRandom random_;
  net::Loop loop_;
  net::Network network_;
  net::HttpClient http_;
  MediaFolder folder_;
  std::map<std::string, Flight> flights_;  // by the file's name
  std::deque<std::string> line_;           // those that are not begun
  std::size_t begun_ = 0, waiting_ = 0;
  std::thread thread_;
};

}  // namespace pigeond::gateway
