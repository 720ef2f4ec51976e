#include "engine/history/history_reader.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/text.h"

namespace pigeond::engine {
namespace {

constexpr std::uint32_t kConversation = 2, kName = 7, kPair = 15, kNonce = 16, kSalt = 19;
// Of a conversation.
constexpr std::uint32_t kId = 1, kMessages = 2, kTimer = 9, kTimerSet = 10, kToken = 21, kTokenTime = 22,
                        kIssued = 28, kPn = 39, kLid = 42;
// Of a WebMessageInfo, which lies in field 1 of each of the messages.
constexpr std::uint32_t kInfo = 1, kKey = 1, kTime = 3, kParticipant = 5, kSecret = 49;
constexpr std::uint32_t kKeyChat = 1, kKeyFromMe = 2, kKeyId = 3, kKeyParticipant = 4;
constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kInfoDepth = 3;  // path of a WebMessageInfo: 2, 2, 1

std::int64_t seconds(std::uint64_t value) {
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  return static_cast<std::int64_t>(std::min(value, kMost));
}

bool is_info(std::span<const std::uint32_t> path) {
  return path.size() >= kInfoDepth && path[0] == kConversation && path[1] == kMessages && path[2] == kInfo;
}

}  // namespace

wire::Jid history_jid(std::string_view text) {
  auto jid = wire::parse_jid(text);
  if (!jid) return {};
  if (jid->server == wire::server::kLegacyUser) jid->server = wire::server::kUser;
  return *jid;
}

wire::ProtoVisitor::Wish HistoryReader::wish(Path path) {
  const std::uint32_t last = path.back();
  if (path.size() == 1) {
    if (last == kConversation) conversation_ = {};
    if (last == kName || last == kPair) couple_ = {};
    if (last == kConversation || last == kName || last == kPair) return Wish::enter;
    return last == kNonce || last == kSalt ? Wish::whole : Wish::skip;
  }
  if (path[0] != kConversation) return last <= 2 ? Wish::whole : Wish::skip;
  if (path.size() == 2) {
    if (last == kMessages) return Wish::enter;
    return last == kId || last == kToken || last == kPn || last == kLid ? Wish::whole : Wish::skip;
  }
  if (path.size() == 3) {
    if (last != kInfo) return Wish::skip;
    message_ = {};
    return Wish::enter;
  }
  if (path.size() == 4) {
    if (last == kKey) return Wish::enter;
    return last == kParticipant || last == kSecret ? Wish::whole : Wish::skip;
  }
  return last == kKeyChat || last == kKeyId || last == kKeyParticipant ? Wish::whole : Wish::skip;
}

void HistoryReader::number(Path path, std::uint64_t value) {
  if (path.size() == 2 && path[0] == kConversation) {
    if (path[1] == kTokenTime) conversation_.timestamp = seconds(value);
    if (path[1] == kIssued) conversation_.issued = seconds(value);
    if (path[1] == kTimer) conversation_.timer = value;
    if (path[1] == kTimerSet) conversation_.timer_set = seconds(value);
  } else if (is_info(path)) {
    if (path.size() == 4 && path[3] == kTime) message_.timestamp = seconds(value);
    if (path.size() == 5 && path[4] == kKeyFromMe) message_.from_me = value != 0;
  }
}

void HistoryReader::bytes(Path path, ByteView value) {
  const std::uint32_t last = path.back();
  const auto text = [value] { return std::string(as_text(value)); };
  if (path.size() == 1) {
    if (last == kSalt) items_.salt = to_bytes(value);
    if (last == kNonce) items_.nonce = text();
  } else if (path[0] != kConversation) {
    (last == 1 ? couple_.first : couple_.second) = text();
  } else if (path.size() == 2) {
    if (last == kId) conversation_.id = text();
    if (last == kPn) conversation_.pn = text();
    if (last == kLid) conversation_.lid = text();
    if (last == kToken) conversation_.token = to_bytes(value);
  } else if (path.size() == 4) {
    if (last == kParticipant) message_.participant = text();
    if (last == kSecret) message_.secret = to_bytes(value);
  } else {
    if (last == kKeyChat) message_.chat = text();
    if (last == kKeyId) message_.id = text();
    if (last == kKeyParticipant) message_.key_participant = text();
  }
}

void HistoryReader::left(Path path, bool broken) {
  if (is_info(path) && path.size() == kInfoDepth) {
    if (!broken) message_left();
    return;
  }
  if (path.size() != 1) return;
  if (path[0] == kConversation) return conversation_left();
  if (broken) return;
  const wire::Jid first = history_jid(couple_.first);
  if (path[0] == kPair) {
    const wire::Jid second = history_jid(couple_.second);
    if (first.is_pn() && second.is_lid()) items_.pairs.push_back({first, second});
  } else if (couple_.second != "-" && is_valid_utf8(couple_.second)) {
    // whatsapp-rust accepts the own entry without a server.
    const wire::Jid user =
        first.empty() ? history_jid(couple_.first + "@" + std::string(wire::server::kUser)) : first;
    if (user.is_user()) items_.names.push_back({user.without_device(), std::move(couple_.second)});
  }
}

// The message's own key names its chat, wherever the conversation's id stands.
void HistoryReader::message_left() {
  if (message_.secret.size() != kSecretBytes || message_.id.empty()) return;
  HistoryItems::Secret item;
  item.chat = history_jid(message_.chat.empty() ? conversation_.id : message_.chat).without_device();
  if (item.chat.empty()) return;
  item.from_me = message_.from_me;
  if (!item.from_me) {
    const std::string& participant =
        message_.key_participant.empty() ? message_.participant : message_.key_participant;
    item.sender = item.chat.is_user() ? item.chat : history_jid(participant).without_device();
    if (item.sender.empty()) return;
  }
  item.id = std::move(message_.id);
  item.secret = std::move(message_.secret);
  item.timestamp = message_.timestamp;
  items_.secrets.push_back(std::move(item));
}

// What was read of it before it made no more sense counts: each field is whole.
void HistoryReader::conversation_left() {
  const wire::Jid chat = history_jid(conversation_.id).without_device();
  if (!chat.is_user()) return;
  for (const auto& other : {history_jid(conversation_.pn), history_jid(conversation_.lid)}) {
    if (chat.is_lid() && other.is_pn()) items_.pairs.push_back({other.without_device(), chat});
    if (chat.is_pn() && other.is_lid()) items_.pairs.push_back({chat, other.without_device()});
  }
  if (conversation_.timer != 0 && conversation_.timer <= std::numeric_limits<std::uint32_t>::max())
    items_.timers.push_back({chat, static_cast<std::uint32_t>(conversation_.timer), conversation_.timer_set});
  if (conversation_.token.empty() && conversation_.issued == 0) return;
  items_.tokens.push_back(
      {chat, std::move(conversation_.token), conversation_.timestamp, conversation_.issued});
}

}  // namespace pigeond::engine
