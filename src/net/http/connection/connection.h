// One connection of the front door: heads, admission, bodies, answers, in order. All calls on the loop.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "net/http/connection/httplib_answer.h"
#include "net/http/connection/request_head.h"
#include "net/http/exchange.h"
#include "net/http/peer.h"
#include "net/http/server.h"
#include "net/http/workers.h"

namespace pigeond::net {

// What connections share; outlives them.
struct HttpHouse {
  Loop& loop;
  const HttpServer::Options& options;
  std::shared_ptr<HttpTally> tally;
  std::shared_ptr<HttpDoorbell> doorbell;
  HttpWorkers& workers;
  const HttplibAnswerer& answerer;
  HttpErrorBody error_body;
  std::optional<HttpReply> refusal;  // of every new request, once nothing is taken any more
  std::function<void(std::uint64_t connection)> ended;  // it may be destroyed, though not from inside
  std::function<void(Millis mono)> wake_at;             // tick() is wanted then, or before
};

class HttpConnection {
 public:
  // `admit` outlives the connection. A stream that is `open` is not hand-shaking any more.
  HttpConnection(HttpHouse& house, std::uint64_t id, std::unique_ptr<Stream> stream, bool open,
                 const HttpAdmit& admit, HttpPeer peer);
  ~HttpConnection();

  // Between requests, or silent since it was opened: may be closed for others. Settles what a worker has
  // answered by itself.
  bool idle();
  // Takes longer than who means well with its handshake, its head or with reading its answer, waits for the
  // answer to a wrong key, or is over: may be closed for others as well.
  bool dawdles(Millis now) const;
  Millis since() const { return since_; }  // mono; what it does now began then
  bool ended() const { return phase_ == Phase::ended; }
  Millis deadline() const { return deadline_; }  // ms of Instant::mono
  void tick(Millis now);                         // what is due is done
  void rung();                                   // there is an answer, or a sink takes more
  void shut();                                   // no further request; ends as soon as nothing is under way
  void end(const Error& error);                  // at once; whoever takes a body or writes a stream is told

 private:
  enum class Phase { handshake, idle, head, delayed, body, serving, sending, streaming, closing, ended };
  struct Transaction;
  class Writer;

  HttpReply error(int status, std::string_view reason) const;
  void listen_to_stream();
  void guarded(const std::function<void()>& work);
  void receive(ByteView data);
  void go_on();
  void process(ByteView& rest);
  void process_head(ByteView& rest);
  void process_body(ByteView& rest);
  void other_side_ended();
  void drained();
  void wait_until(Millis mono);
  void resume_body();
  void update_reading();

  void admit_request(ByteView& rest);
  void begin(HttpAnswer& answer, ByteView& rest);
  void begin(HttpWork& work, ByteView& rest);
  void begin(HttpLater& later, ByteView& rest);
  void begin(HttpUpload& upload, ByteView& rest);
  void begin(HttpTakeOver& take_over, ByteView& rest);
  void collect(std::size_t limit, ByteView& rest);
  void start_body(std::uint64_t limit, const ByteView& rest);
  void body_complete();
  void run_work();
  void run_later();
  void make_exchange(bool direct);
  HttpResponder make_responder();
  HttpBodySource body_source();

  void refuse(const Error& error);
  void reply_error(int status, std::string_view reason, bool overload = false);
  void reply(HttpReply reply, bool close);
  void reply_file(HttpReply& reply);
  void reply_stream(HttpReply& reply);
  void conclude(HttpExchange::Outcome outcome);
  void write(std::string_view bytes);
  void send_text(std::string bytes);
  void send_text_pieces();
  void send_file_pieces();
  void written();
  void finished();
  void start_closing();
  void check_progress(Millis now);
  Millis told_idle() const;

  HttpHouse& house_;
  const std::uint64_t id_;
  const HttpAdmit& admit_;
  std::unique_ptr<Stream> stream_;
  const HttpPeer peer_;
  Phase phase_;
  bool half_closed_ = false;  // the client sends no more
  bool reading_ = true;
  bool close_after_ = false;  // this answer is the last
  Millis since_ = 0;          // mono; of the phase
  Millis deadline_ = 0;
  HttpHeadScanner scanner_;
  Bytes in_;                                  // read and not yet understood; no capacity when empty
  std::unique_ptr<Transaction> transaction_;  // from a complete head to the end of its answer
};

}  // namespace pigeond::net
