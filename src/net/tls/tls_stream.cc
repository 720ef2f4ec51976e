#include "net/tls/tls_stream.h"

#include <bearssl.h>

#include <algorithm>
#include <array>

#include "base/limits.h"
#include "net/proxy/proxy_stream.h"
#include "net/tcp_stream.h"
#include "net/tls/tls_identity.h"
#include "net/tls/tls_verifier.h"

namespace pigeond::net {
namespace {

// Records go out in small pieces so that an idle connection is cheap; the other side's may have full size.
constexpr std::size_t kOutputBuffer = 2048 + 85;
constexpr std::size_t kInputBuffer = BR_SSL_BUFSIZE_INPUT;
constexpr Millis kFlush = 30 * kSecond;           // after close(), for the other side to take what waits
constexpr std::size_t kBatch = 64 * 1024;         // bytes of records handed on at once
constexpr std::size_t kInnerBuffer = 256 * 1024;  // bytes encrypted ahead of the other side's reading

class TlsStream : public Stream {
 public:
  TlsStream(Network& network, std::unique_ptr<Stream> inner) : network_(network), inner_(std::move(inner)) {}
  ~TlsStream() override { network_.loop().cancel(timer_); }

  Status write(ByteView data) override;
  std::size_t buffered() const override {
    return pending_.size() - sent_ + (inner_ ? inner_->buffered() : 0);
  }
  void set_reading(bool reading) override;
  void close() override;
  std::string peer() const override { return inner_ ? inner_->peer() : std::string(); }
  void set_deadline(Millis mono);

 protected:
  void start(br_ssl_engine_context* engine);
  void pump_later();
  virtual void handshake_done() {}  // what only the handshake needed may go
  virtual std::string failure_reason() const {
    return {};
  }  // where there is more to say than BearSSL's number

  Network& network_;

 private:
  void pump(ByteView in);
  void push_out();
  void hand_on(Bytes& records);
  void engine_failed();
  void continue_closing();
  void inner_drained();
  void tell_drained();
  void inner_closed(Error error);
  void finish(Error error);

  std::unique_ptr<Stream> inner_;
  br_ssl_engine_context* engine_ = nullptr;  // of the derived class
  std::array<unsigned char, kInputBuffer> input_;
  std::array<unsigned char, kOutputBuffer> output_;
  Loop::TimerId timer_ = 0;
  bool open_ = false;
  bool closing_ = false;
  bool ended_ = false;  // close_notify is out, or on_closed
  bool pumping_ = false;
  bool waiting_ = false;  // on_drained is owed for what was written
  bool reading_ = true;
  Bytes pending_;         // plain text that the engine has not taken yet
  std::size_t sent_ = 0;  // of pending_
  Bytes held_;            // records that came in while not reading
};

void TlsStream::start(br_ssl_engine_context* engine) {
  engine_ = engine;
  br_ssl_engine_set_versions(engine, BR_TLS12, BR_TLS12);
  br_ssl_engine_set_buffers_bidi(engine, input_.data(), input_.size(), output_.data(), output_.size());
  br_ssl_engine_add_flags(engine, BR_OPT_NO_RENEGOTIATION);
  const auto seed = network_.random().array<32>();
  br_ssl_engine_inject_entropy(engine, seed.data(), seed.size());
  Callbacks callbacks;
  callbacks.on_data = [this](ByteView data) { pump(data); };
  callbacks.on_drained = [this] { inner_drained(); };
  callbacks.on_closed = [this](Error error) { inner_closed(std::move(error)); };
  inner_->set_callbacks(std::move(callbacks));
}

void TlsStream::set_deadline(Millis mono) {
  timer_ = network_.loop().at(mono, [this] {
    timer_ = 0;
    finish(fail(Cause::timed_out, "TLS handshake with " + peer() + " took too long"));
  });
}

// From the loop only: what it decrypts is delivered.
void TlsStream::pump(ByteView in) {
  const Bytes held = std::exchange(held_, {});
  Bytes joined;
  if (!held.empty()) {
    joined = concat({held, in});
    in = joined;
  }
  pumping_ = true;
  while (true) {
    push_out();
    const unsigned state = br_ssl_engine_current_state(engine_);
    if ((state & BR_SSL_CLOSED) != 0) return engine_failed();
    if (!open_ && (state & BR_SSL_SENDAPP) != 0) {
      open_ = true;
      network_.loop().cancel(std::exchange(timer_, 0));
      handshake_done();
      if (!deliver_open()) return;
    } else if ((state & BR_SSL_RECVAPP) != 0) {
      if (!reading_ && !closing_) break;
      std::size_t size = 0;
      const unsigned char* data = br_ssl_engine_recvapp_buf(engine_, &size);
      if (!closing_ && !deliver_data({data, size})) return;
      br_ssl_engine_recvapp_ack(engine_, size);
    } else if ((state & BR_SSL_RECVREC) != 0 && !in.empty()) {
      std::size_t size = 0;
      unsigned char* space = br_ssl_engine_recvrec_buf(engine_, &size);
      size = std::min(size, in.size());
      std::copy_n(in.begin(), size, space);
      br_ssl_engine_recvrec_ack(engine_, size);
      in = in.subspan(size);
    } else {
      break;
    }
  }
  pumping_ = false;
  held_ = to_bytes(in);
  if (closing_) return continue_closing();
  tell_drained();
}

// Only what the owner saw waiting in buffered() is told to be gone.
void TlsStream::tell_drained() {
  if (open_ && buffered() == 0 && std::exchange(waiting_, false)) deliver_drained();
}

// For what must reach the owner, but not from inside a call of his.
void TlsStream::pump_later() {
  network_.loop().post([this, alive = life()] {
    if (!alive.expired() && !ended_ && !pumping_) pump({});
  });
}

// Lets the engine encrypt what waits, as far as the other side reads, and hands the records on.
void TlsStream::push_out() {
  Bytes records;
  while (true) {
    const unsigned state = br_ssl_engine_current_state(engine_);
    std::size_t size = 0;
    if ((state & BR_SSL_SENDREC) != 0) {
      const unsigned char* data = br_ssl_engine_sendrec_buf(engine_, &size);
      records.insert(records.end(), data, data + size);
      br_ssl_engine_sendrec_ack(engine_, size);
      if (records.size() >= kBatch) hand_on(records);
    } else if ((state & BR_SSL_SENDAPP) != 0 && open_ && sent_ < pending_.size() &&
               inner_->buffered() < kInnerBuffer) {
      unsigned char* space = br_ssl_engine_sendapp_buf(engine_, &size);
      size = std::min(size, pending_.size() - sent_);
      std::copy_n(pending_.begin() + static_cast<std::ptrdiff_t>(sent_), size, space);
      br_ssl_engine_sendapp_ack(engine_, size);
      sent_ += size;
      if (sent_ == pending_.size()) {
        br_ssl_engine_flush(engine_, 0);
        pending_ = Bytes();
        sent_ = 0;
      }
    } else {
      break;
    }
  }
  hand_on(records);
}

void TlsStream::hand_on(Bytes& records) {
  // Never too much for the inner stream, which reports its own failures through on_closed.
  if (!records.empty()) (void)inner_->write(records);
  records.clear();
}

Status TlsStream::write(ByteView data) {
  if (closing_ || ended_) return fail(Cause::link_lost, "closed");
  if (data.size() > limits::kStreamBuffer - std::min(buffered(), limits::kStreamBuffer)) {
    return fail(Cause::too_large, peer() + " does not read what it is sent");
  }
  if (data.empty()) return {};
  if (sent_ > pending_.size() / 2) {
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(sent_));
    sent_ = 0;
  }
  pending_.insert(pending_.end(), data.begin(), data.end());
  waiting_ = true;
  if (!open_ || pumping_) return {};
  push_out();
  if (buffered() == 0) waiting_ = false;
  if ((br_ssl_engine_current_state(engine_) & BR_SSL_CLOSED) != 0) pump_later();
  return {};
}

void TlsStream::set_reading(bool reading) {
  if (reading_ == reading || ended_) return;
  reading_ = reading;
  inner_->set_reading(reading);
  if (reading) pump_later();
}

void TlsStream::close() {
  if (closing_ || ended_) return;
  set_reading(true);
  closing_ = true;
  network_.loop().cancel(timer_);
  timer_ = network_.loop().after(kFlush, [this] {
    timer_ = 0;
    finish(fail(Cause::cancelled, "closed; " + peer() + " did not read what it was sent"));
  });
  if (!pumping_) continue_closing();
}

// Once all is encrypted: the close_notify, then the end of the inner stream, whose on_closed ends this one.
void TlsStream::continue_closing() {
  if (ended_) return;
  if (open_) {
    push_out();
    if (!pending_.empty()) return;  // inner_drained() goes on
    br_ssl_engine_close(engine_);
    push_out();
  }
  ended_ = true;
  network_.loop().cancel(std::exchange(timer_, 0));
  inner_->close();
}

void TlsStream::inner_drained() {
  if (ended_) return;
  if (!pumping_) push_out();
  if (closing_) return continue_closing();
  tell_drained();
}

void TlsStream::engine_failed() {
  const int code = br_ssl_engine_last_error(engine_);
  if (closing_) return finish(fail(Cause::cancelled, "closed"));
  if (code == BR_ERR_OK) return finish(fail(Cause::link_lost, "closed by the other side"));
  const std::string reason = failure_reason();
  finish(fail(Cause::tls, peer() + ": " + (reason.empty() ? tls_error_text(code) : reason), code));
}

void TlsStream::inner_closed(Error error) {
  if (closing_) return finish(fail(Cause::cancelled, "closed"));
  if (!open_ && error.cause == Cause::link_lost) {
    return finish(fail(Cause::tls, peer() + ": connection lost during the TLS handshake", error.code));
  }
  finish(std::move(error));
}

void TlsStream::finish(Error error) {
  ended_ = true;
  network_.loop().cancel(std::exchange(timer_, 0));
  inner_.reset();
  pending_ = Bytes();
  sent_ = 0;
  held_ = Bytes();
  deliver_closed(std::move(error));
}

class TlsClient final : public TlsStream {
 public:
  TlsClient(Network& network, std::unique_ptr<Stream> inner, const std::string& server_name,
            const TlsOptions& options)
      : TlsStream(network, std::move(inner)),
        verifier_(std::make_unique<TlsVerifier>(network, server_name, options)) {
    {
      auto unused = std::make_unique<br_x509_minimal_context>();  // init_full() insists on setting one up
      br_ssl_client_init_full(&context_, unused.get(), nullptr, 0);
    }
    br_ssl_engine_set_x509(&context_.eng, verifier_->vtable());
    start(&context_.eng);
    br_ssl_client_reset(&context_, verifier_->sni(), 0);
    pump_later();  // the ClientHello; the inner stream keeps it until it is connected
  }

 private:
  void handshake_done() override {
    br_ssl_engine_set_x509(&context_.eng, nullptr);  // renegotiation, its only other use, is off
    verifier_.reset();
  }
  std::string failure_reason() const override { return verifier_ ? verifier_->reason() : std::string(); }

  br_ssl_client_context context_;
  std::unique_ptr<TlsVerifier> verifier_;  // during the handshake
};

class TlsServer final : public TlsStream {
 public:
  TlsServer(Network& network, std::unique_ptr<Stream> inner, std::shared_ptr<const TlsIdentity> identity)
      : TlsStream(network, std::move(inner)), identity_(std::move(identity)) {
    const TlsIdentity::Data& data = identity_->data();
    if (br_skey_decoder_key_type(&data.key) == BR_KEYTYPE_RSA) {
      br_ssl_server_init_full_rsa(&context_, data.chain.data(), data.chain.size(),
                                  br_skey_decoder_get_rsa(&data.key));
    } else {
      br_ssl_server_init_full_ec(&context_, data.chain.data(), data.chain.size(), data.issuer_key_type,
                                 br_skey_decoder_get_ec(&data.key));
    }
    start(&context_.eng);
    br_ssl_server_reset(&context_);
  }

 private:
  std::shared_ptr<const TlsIdentity> identity_;
  br_ssl_server_context context_;
};

}  // namespace

std::unique_ptr<Stream> tls_client(Network& network, std::unique_ptr<Stream> inner,
                                   const std::string& server_name, const TlsOptions& options) {
  return std::make_unique<TlsClient>(network, std::move(inner), server_name, options);
}

std::unique_ptr<Stream> tls_server(Network& network, std::unique_ptr<Stream> inner,
                                   std::shared_ptr<const TlsIdentity> identity) {
  return std::make_unique<TlsServer>(network, std::move(inner), std::move(identity));
}

std::unique_ptr<Stream> connect_stream(Network& network, const std::string& host, std::uint16_t port,
                                       bool secure, const TlsOptions& options, Millis timeout,
                                       AddressCheck check, const ProxyRef& proxy) {
  std::unique_ptr<Stream> way;
  // A proxy has to be done before the time is up: who waits learns which of the two was silent.
  if (proxy)
    way = ProxyStream::connect(network, proxy, host, port, timeout - timeout / 4, std::move(check));
  else
    way = TcpStream::connect(network, host, port, timeout, std::move(check));
  if (!secure) return way;
  auto stream = std::make_unique<TlsClient>(network, std::move(way), host, options);
  stream->set_deadline(network.loop().now().mono + timeout);
  return stream;
}

}  // namespace pigeond::net
