// What is taken from a history sync: small facts about people and messages, not the messages themselves.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "wire/jid.h"

namespace pigeond::engine {

// Times in unix seconds, 0: not told.
struct HistoryItems {
  struct Token {  // of a direct chat
    wire::Jid chat;
    Bytes token;
    std::int64_t timestamp = 0;
    std::int64_t issued = 0;  // when another device of this account gave ours
  };
  struct Pair {
    wire::Jid pn, lid;
  };
  struct Name {
    wire::Jid user;
    std::string name;
  };
  struct Secret {  // from which keys for votes, edits and reactions to a message are made
    wire::Jid chat, sender;
    bool from_me = false;
    std::string id;
    Bytes secret;
    std::int64_t timestamp = 0;
  };

  struct ChatTimer {  // of a direct chat
    wire::Jid chat;
    std::uint32_t seconds = 0;
    std::int64_t set = 0;
  };

  std::vector<Token> tokens;
  std::vector<Pair> pairs;
  std::vector<Name> names;
  std::vector<Secret> secrets;
  std::vector<ChatTimer> timers;
  Bytes salt;         // of tokens for strangers; empty: none came
  std::string nonce;  // with which files may be deleted from the service's media servers; empty: none came

  std::size_t size() const {
    return tokens.size() + pairs.size() + names.size() + secrets.size() + timers.size() +
           (salt.empty() ? 0 : 1) + (nonce.empty() ? 0 : 1);
  }
};

}  // namespace pigeond::engine
