#include "api/waha/shapes.h"

#include "api/reply.h"
#include "api/waha/config/session_config.h"
#include "api/waha/ids.h"
#include "api/waha/names.h"

namespace pigeond::api::waha {
namespace {

using schema::Output;
using schema::positive;
using schema::text_if;

// What is never known here, and clients look for.
std::optional<std::string> unknown(const auto&) {
  return std::nullopt;
}

std::optional<Millis> seconds(Millis time) {
  return positive((time + kSecond - 1) / kSecond);
}

std::optional<int> code(const Error& error) {
  return error.code != 0 ? std::optional(error.code) : std::nullopt;
}

std::optional<std::string> hint(const Error& error) {
  return text_if(std::string(advice(error.cause)));
}

}  // namespace

void DoneShape::describe(schema::Output<Of>& shows) {
  shows("success", [](const Of& done) { return done; });
}

std::optional<std::string> id_if(const wire::Jid& jid) {
  return schema::text_if(chat_id(jid));
}

void CauseShape::describe(Output<Error>& shows) {
  shows("name", [](const Error& error) { return cause_name(error.cause); });
  shows("detail", [](const Error& error) { return error.detail; });
  shows("code", code).help("WhatsApp's own number, or a proxy's, where it gave one.");
}

void CauseWithHint::describe(Output<Error>& shows) {
  CauseShape::describe(shows);
  shows("hint", hint).help("What a person can do about it.");
}

void TimelockShape::describe(Output<store::ReachoutTimelock>& shows) {
  shows("enforcementType", [](const Of& lock) { return lock.type; });
  shows("isActive", [](const Of& lock) { return lock.active; });
  shows("timeEnforcementEnds", [](const Of& lock) { return positive(lock.ends); })
      .or_null()
      .help("Unix seconds.");
}

void CappingShape::describe(Output<store::MessageCapping>& shows) {
  shows("cappingStatus", [](const Of& cap) { return cap.status; });
  shows("totalQuota", [](const Of& cap) { return cap.total; });
  shows("usedQuota", [](const Of& cap) { return cap.used; });
  shows("cycleStart", [](const Of& cap) { return positive(cap.cycle_start); })
      .or_null()
      .help("Unix seconds.");
  shows("cycleEnd", [](const Of& cap) { return positive(cap.cycle_end); }).or_null().help("Unix seconds.");
  shows("mvStatus", [](const Of& cap) { return text_if(cap.mv_status); }).or_null();
  shows("oteStatus", [](const Of& cap) { return text_if(cap.ote_status); }).or_null();
}

void MeShape::describe(Output<gateway::Me>& shows) {
  shows("id", [](const Of& me) { return chat_id(me.pn); });
  shows("lid", [](const Of& me) { return text_if(chat_id(me.lid)); });
  shows("jid", [](const Of& me) { return me.pn.text(); }).help("With the number of this device.");
  shows("pushName", [](const Of& me) { return me.push_name; });
  shows.object<TimelockShape>("reachoutTimelock", [](const Of& me) { return me.timelock; }).or_null();
  shows.object<CappingShape>("messageCapping", [](const Of& me) { return me.capping; }).or_null();
}

void DepartureShape::describe(Output<gateway::Departure>& shows) {
  shows("unlinked", [](const Of& departure) {
    return departure.unlinked;
  }).help("false: the phone may list the device still.");
  shows("pending", [](const Of& departure) {
    return departure.unlinked ? std::nullopt : std::optional(!departure.done);
  }).help("WhatsApp is asked again by itself.");
  shows.object<CauseShape>(
      "cause", [](const Of& departure) { return departure.unlinked ? std::nullopt : departure.cause; });
  shows("hint", [](const Of& departure) -> std::optional<std::string> {
    if (departure.unlinked) return std::nullopt;
    return departure.done
               ? "the phone may list the device still: remove it there, in Settings > Linked devices"
               : "the phone lists the device until the service can be asked: it will be, as soon as there is "
                 "a link; or remove it there, in Settings > Linked devices, and insist with force=true";
  });
}

namespace {

struct Step {
  using Of = gateway::HealingStep;
  static constexpr const char* kName = "HealingStep";
  static void describe(Output<Of>& shows) {
    shows("time", [](const Of& step) { return step.at; }).help("Unix ms.");
    shows("scope", [](const Of& step) { return step.scope; }).one_of({"chat", "link", "session"});
    shows("step", [](const Of& step) { return step.step; });
    shows("cause", [](const Of& step) { return step.cause; });
    shows("code", [](const Of& step) {
      return step.code != 0 ? std::optional(step.code) : std::nullopt;
    }).or_null();
    shows("chatId", [](const Of& step) {
      const auto chat = wire::parse_jid(step.chat);
      return chat && !step.chat.empty() ? text_if(chat_id(*chat)) : std::nullopt;
    }).or_null();
    shows("outcome", [](const Of& step) { return step.outcome; });
  }
};

struct Webhook {
  using Of = gateway::WebhookHealth;
  static constexpr const char* kName = "WebhookHealth";
  static void describe(Output<Of>& shows) {
    shows("url", [](const Of& webhook) { return webhook.url; });
    shows("configured", [](const Of& webhook) { return webhook.configured; });
    shows("pending", [](const Of& webhook) { return webhook.pending; });
    shows("oldest", [](const Of& webhook) { return positive(webhook.oldest_ms); }).or_null().help("Unix ms.");
    shows("dead", [](const Of& webhook) { return webhook.dead; });
    shows("nextTryAt", [](const Of& webhook) { return positive(webhook.next_try_ms); })
        .or_null()
        .help("Unix ms.");
    shows("reason", [](const Of& webhook) { return text_if(webhook.why); }).or_null();
  }
};

struct Timestamps {
  using Of = gateway::SessionInfo;
  static constexpr const char* kName = "SessionTimestamps";
  static void describe(Output<Of>& shows) {
    shows("activity", [](const Of& info) { return positive(info.activity); }).or_null().help("Unix ms.");
  }
};

struct Next {
  using Of = gateway::NextStep;
  static constexpr const char* kName = "NextStep";
  static void describe(Output<Of>& shows) {
    shows("step", [](const Of& next) {
      return next.what;
    }).one_of({"start", "connect", "login", "unlink", "restart", "send"});
    shows("at", [](const Of& next) { return next.at; }).help("Unix ms, at the latest.");
  }
};

}  // namespace

void HealthShape::describe(Output<gateway::SessionHealth>& shows) {
  shows("state", [](const Of& health) { return health.state; })
      .one_of({"ok", "restarting", "backing_off", "failed", "unable"})
      .help("Whether sends get through.");
  shows("since", [](const Of& health) { return positive(health.since); }).or_null().help("Unix ms.");
  shows("lastSuccess", [](const Of& health) { return positive(health.last_success); })
      .or_null()
      .help("Unix ms.");
  shows("retryAfter", [](const Of& health) { return seconds(health.retry_after); })
      .or_null()
      .help("Seconds.");
  shows("failures", [](const Of& health) {
    return health.failures;
  }).help("Tries since the start, by cause.");
  shows.list<Step>(
      "steps", [](const Of& health) -> const auto& { return health.steps; });
  shows.list<Webhook>(
      "webhooks", [](const Of& health) -> const auto& { return health.webhooks; });
}

namespace {

// nullopt: it is not there.
template <typename T>
std::optional<T> member_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? std::nullopt : std::optional<T>(found->template get<T>());
}

const Json& credentials_of(const Json& options) {
  static const Json none = Json::array();
  const auto found = options.find("allowCredentials");
  return found == options.end() || !found->is_array() ? none : *found;
}

struct AllowedCredential {
  using Of = Json;
  static constexpr const char* kName = "PasskeyCredential";
  static void describe(Output<Of>& shows) {
    shows("id", [](const Of& one) { return one.value("id", std::string()); }).help("base64url");
    shows("type", [](const Of&) { return "public-key"; });
    shows("transports", [](const Of& one) { return member_of<std::vector<std::string>>(one, "transports"); });
  }
};

}  // namespace

void PasskeyOptionsShape::describe(Output<Json>& shows) {
  shows("challenge", [](const Of& options) {
    return options.value("challenge", std::string());
  }).help("base64url");
  shows("timeout", [](const Of& options) { return member_of<std::int64_t>(options, "timeout"); }).help("ms");
  shows("rpId", [](const Of& options) { return member_of<std::string>(options, "rpId"); });
  shows.list<AllowedCredential>(
      "allowCredentials", [](const Of& options) -> const auto& { return credentials_of(options); });
  shows("userVerification",
        [](const Of& options) { return member_of<std::string>(options, "userVerification"); });
  shows("extensions", [](const Of& options) { return member_of<Json>(options, "extensions"); });
}

namespace {

struct Engine {
  using Of = gateway::SessionInfo;
  static constexpr const char* kName = "SessionEngine";
  static void describe(Output<Of>& shows) {
    shows("engine", [](const Of&) { return kEngine; });
  }
};

}  // namespace

void SessionShape::describe(Output<gateway::SessionInfo>& shows) {
  shows("name", [](const Of& info) { return info.name; });
  shows("status", [](const Of& info) { return status_name(info.status); }).one_of(status_names());
  shows("config", [](const Of& info) { return shown_config(*info.config); }).help("As it was given.");
  shows.object<MeShape>("me", [](const Of& info) { return info.me; }).or_null();
  shows("presence",
        [](const Of& info) -> std::optional<std::string> {
          if (info.status != gateway::SessionStatus::working) return std::nullopt;
          return info.online ? "online" : "offline";
        })
      .or_null()
      .help("As this device shows it; null: the session does not work.");
  shows.object<Timestamps>("timestamps", [](const Of& info) -> const Of& { return info; });
  shows.object<Engine>("engine", [](const Of& info) -> const Of& { return info; });
  shows.object<CauseWithHint>("cause", [](const Of& info) { return info.cause; })
      .help("Of STARTING and FAILED; what is left to do of a logout; and why the last try to link failed.");
  shows.object<Next>("next", [](const Of& info) { return info.next; }).help("What it does next by itself.");
  shows.among<DepartureShape>([](const Of& info) { return info.departure; });
  shows.object<HealthShape>("health", [](const Of& info) { return info.health; });
}

namespace {

struct MessageData {
  using Of = gateway::QueuedMessage;
  static constexpr const char* kName = "MessageData";
  static void describe(Output<Of>& shows) { members(shows); }
  template <typename Message>
  static void members(Output<Message>& shows) {
    shows("id", [](const Message& message) { return message.id; });
    shows("pn", [](const Message& message) { return text_if(chat_id(message.chat_pn)); }).or_null();
    shows("lid", [](const Message& message) { return text_if(chat_id(message.chat_lid)); }).or_null();
  }
};

struct SentData {
  using Of = gateway::SentMessage;
  static constexpr const char* kName = "SentMessageData";
  static void describe(Output<Of>& shows) { MessageData::members(shows); }
};

std::string chat_of(const auto& message) {
  return chat_id(message.chat_pn, message.chat_lid, message.chat);
}

// Clients written against WAHA's NOWEB engine look for it.
struct MessageKey {
  using Of = gateway::SentMessage;
  static constexpr const char* kName = "MessageKey";
  static void describe(Output<Of>& shows) {
    shows("remoteJid", chat_of<Of>);
    shows("fromMe", [](const Of&) { return true; });
    shows("id", [](const Of& message) { return message.id; });
  }
};

// What is said of a message that waits, in the outbox and in the answer to who sent it.
struct Waiting {
  using Of = gateway::QueuedMessage;
  static constexpr const char* kName = "WaitingMessage";
  static void describe(Output<Of>& shows) {
    shows("state", [](const Of& message) {
      return gateway::state_name(message.state);
    }).one_of({"queued", "held", "preparing", "sent", "retrying"});
    shows("why", [](const Of& message) {
      return message.status ? status_text(*message.status) : message.why;
    }).help("What it waits for.");
    shows("since", [](const Of& message) { return message.since; }).help("Unix ms.");
    shows("attempts", [](const Of& message) {
      return message.attempts;
    }).help("Times it was written to WhatsApp.");
    shows("heldUntil", [](const Of& message) { return positive(message.held_until); })
        .or_null()
        .help("Unix ms.");
    shows("expires", [](const Of& message) { return positive(message.expires); }).or_null().help("Unix ms.");
    shows.object<CauseShape>("lastError", [](const Of& message) { return message.trouble; }).or_null();
  }
};

}  // namespace

void QueuedShape::describe(Output<gateway::QueuedMessage>& shows) {
  shows("id", [](const Of& message) {
    return message_id(true, chat_id(message.told_chat), message.id, chat_id(message.author));
  });
  shows("chatId", chat_of<Of>);
  shows.object<MessageData>("_data", [](const Of& message) -> const Of& { return message; });
  Waiting::describe(shows);
}

namespace {

// In groups the id of a message has its author, who is the account itself.
std::string author_of(const gateway::SentMessage& message) {
  return message.told_chat.is_group() ? chat_id(message.me.pn) : std::string();
}

}  // namespace

std::string message_id(const gateway::SentMessage& message) {
  return message_id(true, chat_id(message.told_chat), message.id, author_of(message));
}

void ReplyShape::describe(Output<engine::QuotedMessage>& shows) {
  shows("id", [](const Of& quoted) { return quoted.id; });
  shows("participant", [](const Of& quoted) {
    return quoted.participant.empty() ? std::nullopt : std::optional(chat_id(quoted.participant));
  });
  shows("body", [](const Of& quoted) { return schema::text_if(quoted.body); });
  shows("hasMedia", [](const Of& quoted) { return quoted.has_media; });
  shows("media", unknown<Of>).or_null();
}

void ReferralShape::describe(Output<engine::Referral>& shows) {
  shows("sourceType", [](const Of& referral) { return text_if(referral.source_type); }).help("ad or post");
  shows("sourceId", [](const Of& referral) { return text_if(referral.source_id); });
  shows("sourceUrl", [](const Of& referral) { return text_if(referral.source_url); });
  shows("title", [](const Of& referral) { return text_if(referral.title); });
  shows("body", [](const Of& referral) { return text_if(referral.body); });
  shows("mediaUrl", [](const Of& referral) { return text_if(referral.media_url); });
  shows("ctwaClid", [](const Of& referral) { return text_if(referral.click_id); }).help("Click id.");
  shows("ref", [](const Of& referral) { return text_if(referral.ref); });
  shows("sourceApp", [](const Of& referral) { return text_if(referral.app); });
}

// Degrees are texts, with as many digits as tell the number from its neighbours.
void PlaceShape::describe(Output<engine::Location>& shows) {
  shows("latitude", [](const Of& place) { return dump(Json(place.latitude)); }).help("Degrees north.");
  shows("longitude", [](const Of& place) { return dump(Json(place.longitude)); }).help("Degrees east.");
  shows("live", [](const Of& place) { return place.live; }).help("Of somebody who moves.");
  shows("name", [](const Of& place) { return schema::text_if(place.name); });
  shows("address", [](const Of& place) { return schema::text_if(place.address); });
  shows("url", [](const Of& place) { return schema::text_if(place.url); });
  shows("description", [](const Of& place) { return schema::text_if(place.comment); });
}

void SentShape::describe(Output<gateway::SentMessage>& shows) {
  shows("id", [](const Of& message) { return message_id(message); });
  shows("timestamp", [](const Of& message) { return message.timestamp; }).help("Unix seconds.");
  shows("from", [](const Of& message) { return chat_id(message.me.pn); });
  shows("fromMe", [](const Of&) { return true; });
  shows("source", [](const Of&) { return "api"; });
  shows("to", chat_of<Of>);
  shows("participant", [](const Of& message) { return schema::text_if(author_of(message)); }).or_null();
  shows("body", [](const Of& message) { return message.shown.body; });
  shows("hasMedia", [](const Of& message) { return message.shown.has_media; });
  shows("media", unknown<Of>).or_null();
  shows("ack", [](const Of& message) { return message.ack; });
  shows("ackName", [](const Of& message) { return message.ack >= 1 ? "SERVER" : "PENDING"; });
  shows.object<ReplyShape>("replyTo", [](const Of& message) { return message.shown.quoted; }).or_null();
  shows.object<PlaceShape>("location", [](const Of& message) { return message.shown.location; });
  shows("vCards", [](const Of& message) {
    return message.shown.vcards.empty() ? std::nullopt : std::optional(message.shown.vcards);
  });
  shows.object<SentData>("_data", [](const Of& message) -> const Of& { return message; });
  shows.object<Waiting>("pending", [](const Of& message) { return message.pending; })
      .help("What it waits for: it stays in the outbox, and goes out by itself.");
  shows.object<MessageKey>("key", [](const Of& message) -> const Of& { return message; });
}

namespace {

struct Worker {
  using Of = std::string;
  static constexpr const char* kName = "Worker";
  static void describe(Output<Of>& shows) { shows("id", unknown<Of>).or_null(); }
};

constexpr const char* platform() {
#if defined(__aarch64__)
  return "linux/arm64";
#elif defined(__x86_64__)
  return "linux/x64";
#else
  return "linux";
#endif
}

}  // namespace

void EnvironmentShape::describe(Output<std::string>& shows) {
  shows("version", [](const Of& version) { return version; });
  shows("engine", [](const Of&) { return kEngine; });
  shows("tier", [](const Of&) { return "CORE"; });
  shows("browser", unknown<Of>).or_null();
  shows("platform", [](const Of&) { return platform(); });
  shows.object<Worker>("worker", [](const Of& version) -> const Of& { return version; });
}

Json cause(const Error& error) {
  return schema::json_of<CauseShape>(error);
}

Json timelock(const std::optional<store::ReachoutTimelock>& timelock) {
  return timelock ? schema::json_of<TimelockShape>(*timelock) : Json();
}

Json capping(const std::optional<store::MessageCapping>& capping) {
  return capping ? schema::json_of<CappingShape>(*capping) : Json();
}

}  // namespace pigeond::api::waha
