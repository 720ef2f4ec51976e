// What WAHA's answers show of the gateway's values.
#pragma once

#include <optional>
#include <string>

#include "api/json.h"
#include "api/schema/output.h"
#include "gateway/types.h"

namespace pigeond::api::waha {

inline constexpr const char* kEngine = "PIGEOND";

// That something was done, where nothing else is to be said of it.
struct DoneShape {
  using Of = bool;
  static constexpr const char* kName = "Result";
  static void describe(schema::Output<Of>& shows);
};

// Nothing where it is empty.
std::optional<std::string> id_if(const wire::Jid& jid);

struct CauseShape {
  using Of = Error;
  static constexpr const char* kName = "Cause";
  static void describe(schema::Output<Of>& shows);
};

// What a passkey is asked to sign (gateway::SessionInfo::asked, parsed), with the standard's names.
struct PasskeyOptionsShape {
  using Of = Json;
  static constexpr const char* kName = "PasskeyChallenge";
  static void describe(schema::Output<Of>& shows);
};

// With what a person can do about it.
struct CauseWithHint {
  using Of = Error;
  static constexpr const char* kName = "CauseWithHint";
  static void describe(schema::Output<Of>& shows);
};

// What a message answers.
struct ReplyShape {
  using Of = engine::QuotedMessage;
  static constexpr const char* kName = "ReplyToMessage";
  static void describe(schema::Output<Of>& shows);
};

struct PlaceShape {
  using Of = engine::Location;
  static constexpr const char* kName = "WALocation";
  static void describe(schema::Output<Of>& shows);
};

// The advertisement that somebody has come by.
struct ReferralShape {
  using Of = engine::Referral;
  static constexpr const char* kName = "Referral";
  static void describe(schema::Output<Of>& shows);
};

struct TimelockShape {
  using Of = store::ReachoutTimelock;
  static constexpr const char* kName = "ReachoutTimelock";
  static void describe(schema::Output<Of>& shows);
};

struct CappingShape {
  using Of = store::MessageCapping;
  static constexpr const char* kName = "MessageCapping";
  static void describe(schema::Output<Of>& shows);
};

struct MeShape {
  using Of = gateway::Me;
  static constexpr const char* kName = "MeInfo";
  static void describe(schema::Output<Of>& shows);
};

// Members of the answer to a logout or removal.
struct DepartureShape {
  using Of = gateway::Departure;
  static constexpr const char* kName = "Departure";
  static void describe(schema::Output<Of>& shows);
};

struct HealthShape {
  using Of = gateway::SessionHealth;
  static constexpr const char* kName = "SessionHealth";
  static void describe(schema::Output<Of>& shows);
};

struct SessionShape {
  using Of = gateway::SessionInfo;
  static constexpr const char* kName = "SessionInfo";
  static void describe(schema::Output<Of>& shows);
};

struct QueuedShape {
  using Of = gateway::QueuedMessage;
  static constexpr const char* kName = "QueuedMessage";
  static void describe(schema::Output<Of>& shows);
};

struct SentShape {
  using Of = gateway::SentMessage;
  static constexpr const char* kName = "WAMessage";
  static void describe(schema::Output<Of>& shows);
};

struct EnvironmentShape {
  using Of = std::string;  // the version of this program
  static constexpr const char* kName = "Environment";
  static void describe(schema::Output<Of>& shows);
};

std::string message_id(const gateway::SentMessage& message);  // true_123@c.us_ID

// The same as JSON, for what is no answer.
Json cause(const Error& error);
Json timelock(const std::optional<store::ReachoutTimelock>& timelock);  // null: not heard yet
Json capping(const std::optional<store::MessageCapping>& capping);      // null: not heard yet

}  // namespace pigeond::api::waha
