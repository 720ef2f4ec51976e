// cpp-httplib on a worker: it reads a request in its normal form from memory, has it handled, and writes the
// answer to memory.
//
// What comes from a stranger reaches it only after the server's own, stricter reading: the head is rendered
// anew (path re-encoded, no query, no framing, no Range, no Expect, header values escaped against its
// decoding of them), a body not at all, and the pre-routing handler serves everything, so that neither its
// routes nor its multipart parser, both std::regex, are ever run. What it read is compared with what the
// server had read.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/time.h"
#include "net/http/message.h"

namespace pigeond::net {

struct HttplibAnswer {
  HttpReply reply;     // its body moved away where `bytes` hold it
  std::string bytes;   // as they go out; empty: `reply` is a file or stream, and not written yet
  bool agreed = true;  // false: the request was read differently; nothing was handled
};

// Shared by all workers of a server.
class HttplibAnswerer {
 public:
  // `idle` (ms): how long a kept connection may be silent, as told to clients.
  HttplibAnswerer(Millis idle, HttpErrorBody error_body);
  ~HttplibAnswerer();

  // A handler that throws is answered with 500, or with 503 where memory ran out. Throws std::bad_alloc
  // itself where there is none even for that. From any thread.
  HttplibAnswer answer(const HttpRequest& request, const HttpHandler& handler, bool keep_alive) const;

 private:
  class Reader;
  std::unique_ptr<Reader> reader_;
  HttpErrorBody error_body_;
};

}  // namespace pigeond::net
