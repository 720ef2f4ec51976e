// The service's media servers: what they are called, and the word that lets this device in. They are asked
// for when somebody needs them, and believed for as long as the service says.
//
//   <iq to="s.whatsapp.net" type="set" xmlns="w:m"><media_conn/></iq>
//   <media_conn auth="WORD" ttl="SECONDS"><host hostname="mmg.whatsapp.net"/> ...</media_conn>
//
// As whatsmeow (mediaconn.go), Baileys (Socket/messages-send.ts) and whatsapp-rust ask.
#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "engine/questions/question.h"
#include "wire/node.h"

namespace pigeond::engine {

struct MediaHosts {
  std::vector<std::string> names;  // host[:port], in the order in which they are to be tried; at least one
  std::string auth;
};

class MediaServers {
 public:
  explicit MediaServers(Desk& desk) : desk_(desk) {}

  const MediaHosts* known() const;  // nullptr: the service is to be asked first
  // At once where they are known. link_lost, malformed (it names none), and whatever an IQ ends with.
  void ask(Answered<MediaHosts> answered);
  // They did not do, or the word is not good any more: whoever asks next is told what the service says then.
  void doubt() { hosts_ = {}; }
  void offline();

 private:
  void told(const wire::Node& answer);

  Desk& desk_;
  MediaHosts hosts_;
  Millis until_ = 0;  // mono
  std::vector<Answered<MediaHosts>> waiting_;
};

}  // namespace pigeond::engine
