// What a person sees of a message, in no dialect's words: the part of an event, and of an answer, that
// depends on the message's kind. Each kind fills it in from the content; see kind.h.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "wire/jid.h"

namespace pigeond::engine {

struct QuotedMessage {
  std::string id;
  wire::Jid participant;  // its author, user JID
  std::string body;
  bool has_media = false;
};

// What somebody has come by: an advertisement, as a rule.
struct Referral {
  std::string source_type;  // "ad", "post", ...
  std::string source_id, source_url;
  std::string title, body;
  std::string media_url;
  std::string click_id;  // that its maker counts conversions by
  std::string ref;       // what its maker has put in
  std::string app;       // facebook, instagram, ...
};

struct Location {
  double latitude = 0, longitude = 0;  // degrees, north and east
  bool live = false;                   // of somebody who moves: where they were when it was sent
  std::string name = {}, address = {}, url = {}, comment = {};
};

struct Shown {
  // text, image, video, audio, document, sticker, location, contact, poll, reaction, product, order, payment,
  // event, call, sticker_pack, music, unknown
  std::string type;
  std::string body;  // text or caption
  bool has_media = false;
  std::string mimetype;
  std::string filename;
  std::optional<Location> location;
  std::vector<std::string> vcards;
  std::vector<wire::Jid> mentions;
  std::optional<QuotedMessage> quoted;
  std::optional<Referral> referral;
};

}  // namespace pigeond::engine
