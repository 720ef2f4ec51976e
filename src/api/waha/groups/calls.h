// What the rows of groups share: how a group is named, and how its refusals are answered.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "api/schema/input.h"
#include "api/waha/formats.h"
#include "api/waha/operations.h"

namespace pigeond::api::waha {

inline constexpr const char* kGroups = "/api/{session}/groups";
inline constexpr const char* kGroup = "/api/{session}/groups/{id}";
inline constexpr const char* kGroupTag = "Groups";

extern const schema::Format<wire::Jid> kGroupId;

struct OfGroup {
  std::string session = "default";
  wire::Jid id;
  static constexpr const char* kName = "OfGroup";
  static void describe(schema::Input<OfGroup>& is) { describe_group(is); }

  template <typename T>
  static void describe_group(schema::Input<T>& is) {
    is.session(&T::session, kSession);
    is("id", &T::id, kGroupId).required();
  }
};

// Whom a call names.
struct Participant {
  wire::Jid id;
  static constexpr const char* kName = "Participant";
  static void describe(schema::Input<Participant>& is) { is("id", &Participant::id, kUserId).required(); }
};

inline std::vector<wire::Jid> jids(const std::vector<Participant>& participants) {
  std::vector<wire::Jid> out;
  for (const auto& one : participants) out.push_back(one.id);
  return out;
}

// 404: no such group; 422: what the account may not do there; and as of any question.
net::HttpReply group_failure(const Call& call, const std::string& session, const Error& error);

// What WhatsApp is asked about a group, and its answer, or the failure.
template <typename T, typename Ask, typename Show>
net::HttpReply ask_group(const Call& call, const std::string& session, Ask ask, Show show) {
  const auto answer = call.gateway.ask<T>(session, engine::Question<T>(std::move(ask)));
  return answer ? show(*answer) : group_failure(call, session, answer.error());
}

}  // namespace pigeond::api::waha
