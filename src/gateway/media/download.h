// One file on its way from the service's media servers into the folder: fetched to the disk, checked whole
// before a byte of it is believed, then decrypted and checked again. What it takes of memory does not grow
// with the file.
//
//   servers -> SHA-256, HMAC -> spool -> AES-CBC -> SHA-256 -> draft
//
// As whatsmeow does (download.go): server after server, and what may pass is told from what another upload
// alone can heal.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/messages/kinds/media.h"
#include "gateway/media_files/spool.h"
#include "gateway/media/folder.h"
#include "net/http/client/client.h"
#include "net/loop.h"
#include "wire/media_file.h"

namespace pigeond::gateway {

class MediaDownload {
 public:
  struct From {
    std::vector<std::string> hosts;  // the first that has it
    std::string path;                // that is asked for there, with its query
    bool tls = true;
    net::TlsOptions trust;
    net::ProxyRef proxy;
  };
  // Whole, and as the message describes it; or: not_found (no server has it, or lets us have it), bad_mac and
  // malformed (what they have is another file), too_large, io (this disk), and what may pass: link_lost,
  // timed_out, ...
  using Done = std::function<void(Result<std::unique_ptr<MediaFolder::Draft>>)>;

  // All references outlive it. `spools`: the folder in which what is not checked waits, without a name.
  // `most`: bytes of the content. `done` comes once, from the loop, never before this returns.
  MediaDownload(net::Loop& loop, net::HttpSender& http, MediaFolder& folder, std::string spools,
                std::uint64_t most, engine::MediaFile file, From from, Done done);
  ~MediaDownload();  // nobody is called any more

 private:
  void fetch();
  Status take(ByteView data);
  void fetched(const Result<net::HttpResponse>& answer);
  void failed(Error why, bool passes);
  void begin();
  void step();
  Result<bool> read_on();
  void end(Result<std::unique_ptr<MediaFolder::Draft>> result);
  void later(void (MediaDownload::*work)());

  net::Loop& loop_;
  net::HttpSender& http_;
  MediaFolder& folder_;
  const std::string spools_;
  const std::uint64_t most_;
  const engine::MediaFile file_;
  const From from_;
  Done done_;

  std::size_t host_ = 0;
  std::optional<net::HttpSender::Id> request_;
  std::unique_ptr<Spool> spool_;
  std::optional<wire::MediaCheck> check_;
  std::optional<Error> passing_, final_;  // of the hosts that were asked
  std::optional<Error> disk_;             // ours

  std::unique_ptr<MediaFolder::Draft> draft_;
  std::optional<wire::MediaReader> reader_;
  crypto::Sha256 hash_;
  std::uint64_t size_ = 0, at_ = 0;  // of the file, in bytes
  std::uint64_t written_ = 0;        // of the content

  std::shared_ptr<char> life_ = std::make_shared<char>();
};

}  // namespace pigeond::gateway
