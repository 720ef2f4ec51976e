// <message> stanzas: decrypted, unwrapped, stored, shown, and answered exactly once.
#pragma once

#include "engine/messages/desk.h"
#include "engine/messages/in/answers.h"
#include "engine/messages/in/placeholders.h"
#include "engine/messages/in/source.h"
#include "wire/proto.h"

namespace pigeond::engine {

class Incoming {
 public:
  Incoming(Desk& desk, Placeholders& placeholders) : desk_(desk), placeholders_(placeholders) {}
  void handle(const wire::Node& message);

 private:
  // What became of the encs of one stanza.
  struct Outcome {
    bool read = false;  // at least one could be decrypted (or had been before)
    Nack nack = Nack::none;
    std::optional<Cause> failure;  // why a retry is needed
    bool skmsg_failed = false;
    int resend = 0;  // `count` of the enc
    std::unique_ptr<wa_Message> content;
    Bytes raw;  // of content, serialised
  };

  void decrypt_all(const wire::Node& message, Source& source, Outcome& outcome);
  void decrypt_one(const wire::Node& enc, Source& source, bool has_direct, Outcome& outcome);
  void take(ByteView plaintext, Source& source, Outcome& outcome);
  void take_sender_key(const wa_Message& message, const Source& source);
  bool stored_before(const Source& source);
  void unavailable(const wire::Node& message, const Source& source);
  void await(const wire::Node& message, const Source& source, Unread why, std::optional<Millis> patience);
  void take_resent(const Source& source, const wa_ProtocolMessage& message);
  MessageEvent event_of(const Source& source, const std::string& push_name);
  void take_timer(const Source& source, const wa_Message& content);
  void show_raw(const Source& source, Bytes raw);
  void take_content(const Source& source, const std::string& push_name, const wa_Message& content, Bytes raw);
  void take_about(const Source& source, const std::string& push_name, const wa_Message& content, Bytes raw);
  void take_unread_comment(const Source& source, const std::string& push_name, const wa_Message& content,
                           Bytes raw, const Error& why);
  store::MessageRow row_of(const Source& source, Bytes raw) const;
  void store_and_show(const Source& source, const std::string& push_name, const wa_Message& content,
                      Bytes raw);
  wire::Node receipt_of(const wire::Node& message, const Source& source) const;
  void settle(const wire::Node& message, const Source& source);
  void answer(const wire::Node& message, const Source& source, const Outcome& outcome);

  Desk& desk_;
  Placeholders& placeholders_;
};

}  // namespace pigeond::engine
