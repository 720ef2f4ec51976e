// A history's content on its way into an engine: fetched from the service's media servers to the disk,
// checked whole before a byte of it is believed, then decrypted, inflated and read in pieces of bounded size.
// What it takes of memory does not grow with the content.
//
//   file -> HMAC, SHA-256 -> spool -> AES-CBC -> zlib -> protobuf -> items
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/effects.h"
#include "engine/history/history_items.h"
#include "engine/history/history_reader.h"
#include "gateway/history/turns.h"
#include "gateway/media_files/spool.h"
#include "gateway/outside.h"
#include "net/loop.h"
#include "wire/inflate_stream.h"
#include "wire/media_file.h"

namespace pigeond::gateway {

std::vector<net::HttpHeader> media_headers();  // of each request to the media servers

class HistoryReading {
 public:
  struct Callbacks {
    std::function<void(engine::HistoryItems)> piece;  // then nothing comes until more()
    // Once, last: of it engine::Engine::history_ended() is told.
    std::function<void(const Status&)> ended;
  };

  static constexpr std::uint64_t kLongestFile = 256u << 20;    // bytes
  static constexpr std::uint64_t kLongestContent = 2u << 30u;  // bytes, inflated

  // `loop` and `outside` are kept by reference, `turns` as well: a file waits for its own. `proxy` is the
  // session's. Callbacks come from the loop, never before it returns.
  HistoryReading(net::Loop& loop, Outside& outside, HistoryTurns& turns, net::ProxyRef proxy,
                 engine::FetchHistory wanted, Callbacks callbacks);
  std::int64_t row() const { return wanted_.row; }  // of the history that is read
  ~HistoryReading();                                // nobody is called any more
  void more();

 private:
  void fetch();
  void fetched(const Result<net::HttpResponse>& answer);
  Status take(ByteView data);
  void give_up();
  void begin();
  void step();
  Result<bool> read_on();
  void end(const Status& status);
  void later(void (HistoryReading::*work)());

  net::Loop& loop_;
  Outside& outside_;
  const net::ProxyRef proxy_;
  const engine::FetchHistory wanted_;
  Callbacks callbacks_;

  // fetching
  std::optional<HistoryTurns::Place> turn_;
  std::size_t host_ = 0;
  std::optional<net::HttpSender::Id> request_;
  std::unique_ptr<Spool> spool_;
  std::optional<wire::MediaCheck> check_;
  std::optional<Error> passing_, final_;  // of the hosts that were asked

  // reading
  std::optional<wire::MediaReader> file_;
  std::uint64_t size_ = 0, at_ = 0;  // of the file, or of the payload
  wire::InflateStream inflate_{kLongestContent};
  engine::HistoryReader reader_;

  std::shared_ptr<char> life_ = std::make_shared<char>();
};

}  // namespace pigeond::gateway
