// What a connection holds for the request it is busy with.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "net/http/connection/body_reader.h"
#include "net/http/connection/connection.h"

namespace pigeond::net {

// The owner's hold on an answer that stays open.
class HttpConnection::Writer final : public HttpWriter {
 public:
  Writer(HttpConnection& connection, bool chunks) : connection_(&connection), chunks_(chunks) {}
  ~Writer() override { end(); }

  bool write(std::string_view data) override;
  std::size_t buffered() const override;
  void end() override;
  void on_closed(std::function<void(const Error&)> callback) override { callback_ = std::move(callback); }

  void lost(const Error& error);  // from the connection

 private:
  HttpConnection* connection_;  // null: over
  const bool chunks_;
  std::function<void(const Error&)> callback_;
};

struct HttpConnection::Transaction {
  HttpRequestFrame frame;
  HttpAdmission admission;
  bool head_only = false;  // HEAD; these outlive the request, which goes to its handler
  std::string range;
  HttpHeaders error_headers;

  // the body
  std::optional<HttpBodyReader> reader;
  std::shared_ptr<HttpBodyCharge> charge;
  std::unique_ptr<HttpBodySink> sink;
  bool paused = false;             // by the sink
  std::uint64_t window_start = 0;  // bytes received when the current window began

  // the answer
  std::shared_ptr<HttpExchange> exchange;
  std::optional<Millis> give_up;  // mono; of one that is answered later
  std::string text;               // what is left of it goes out in pieces, as the client reads
  std::size_t text_at = 0;        // bytes of `text` that are out
  std::optional<HttpFile> file;   // likewise
  std::weak_ptr<Writer> writer;
  std::uint64_t written = 0;  // bytes given to the stream
  std::uint64_t taken = 0;    // of these by the kernel, when it was last looked at
};

}  // namespace pigeond::net
