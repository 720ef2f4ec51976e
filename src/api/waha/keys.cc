// Keys of the API: who may do what, to which sessions.
#include <algorithm>
#include <utility>

#include "api/reply.h"
#include "api/waha/formats.h"
#include "api/waha/operations.h"
#include "base/limits.h"
#include "base/random.h"
#include "base/text.h"
#include "base/time.h"
#include "crypto/hash.h"

namespace pigeond::api::waha {
namespace {

using net::HttpReply;
using schema::positive;
using store::ApiKeyRow;

constexpr const char* kTag = "Keys";
constexpr std::int64_t kMostRequests = 1'000'000;
constexpr std::int64_t kLongestSeconds = 24 * 3600;

// What WAHA lets a key of a session do. `app` has no counterpart here.
struct Actions {
  bool read = true, send = true, control = true, setting = true, app = true, remove = false;
  static constexpr const char* kName = "ApiKeyActions";
  static void describe(schema::Input<Actions>& is) {
    is("read", &Actions::read);
    is("send", &Actions::send);
    is("control", &Actions::control);
    is("setting", &Actions::setting).help("Goes with control.");
    is("app", &Actions::app).help("Has no counterpart here.");
    is("delete", &Actions::remove).help("To remove the session: is everything, of that session.");
  }
};

struct Rate {
  std::int64_t requests = 0, seconds = 0;
  static constexpr const char* kName = "RateLimit";
  static void describe(schema::Input<Rate>& is) {
    is("requests", &Rate::requests).required().range(1, kMostRequests);
    is("seconds", &Rate::seconds).required().range(1, kLongestSeconds);
  }
};

struct KeyFields {
  std::string name;
  bool is_admin = false;
  bool is_active = true;
  std::optional<std::string> only_session;
  std::vector<std::string> sessions;
  std::vector<Scope> scopes;
  std::optional<Actions> actions;
  Millis expires_at = 0;
  std::optional<Rate> rate;

  template <typename T>
  static void fields(schema::Input<T>& is) {
    is("name", &KeyFields::name).length(0, limits::kApiKeyName).help("For people.");
    is("isAdmin", &KeyFields::is_admin).help("May do everything.");
    is("isActive", &KeyFields::is_active);
    is("session", &KeyFields::only_session, kSession).help("It is good for this one only.");
    is("sessions", &KeyFields::sessions, kSession).at_most(limits::kApiKeySessions).help("For several.");
    is("scopes", &KeyFields::scopes, kScopeNames).help("What it may do; instead of isAdmin and actions.");
    is("actions", &KeyFields::actions);
    is("expiresAt", &KeyFields::expires_at)
        .range(1, schema::kLargestNumber)
        .zero_is_absent()
        .help("Unix ms; never.");
    is("rateLimit", &KeyFields::rate);
  }
};

struct CreateKey : KeyFields {
  static constexpr const char* kName = "ApiKeyRequest";
  static void describe(schema::Input<CreateKey>& is) { fields(is); }
};

struct UpdateKey : KeyFields {
  std::string id;
  static constexpr const char* kName = "ApiKeyUpdate";
  static void describe(schema::Input<UpdateKey>& is) {
    is("id", &UpdateKey::id).required();
    fields(is);
  }
};

struct DeleteKey {
  std::string id;
  static constexpr const char* kName = "DeleteKey";
  static void describe(schema::Input<DeleteKey>& is) { is("id", &DeleteKey::id).required(); }
};

std::vector<Scope> scopes_of(const KeyFields& in) {
  if (!in.scopes.empty()) return in.scopes;
  const Actions actions = in.actions.value_or(Actions{});
  if (in.is_admin || actions.remove) return {Scope::admin};
  std::vector<Scope> scopes;
  if (actions.read) scopes.push_back(Scope::read);
  if (actions.send) scopes.push_back(Scope::send);
  if (actions.control || actions.setting) scopes.push_back(Scope::control);
  return scopes;
}

std::string joined(const auto& list, const auto& text_of) {
  std::string out;
  for (const auto& item : list) out += (out.empty() ? "" : " ") + std::string(text_of(item));
  return out;
}

// What no row may say, though each of its fields is right.
Status check(const KeyFields& in) {
  const bool contradicts = !in.scopes.empty() && (in.is_admin || in.actions);
  if (contradicts) return fail(Cause::bad_input, "scopes must not stand beside isAdmin or actions");
  if (in.only_session && !in.sessions.empty())
    return fail(Cause::bad_input, "sessions must not stand beside session");
  if (in.actions && in.actions->remove && !(in.actions->read && in.actions->send && in.actions->control))
    return fail(Cause::bad_input, "actions.delete needs read, send and control as well");
  if (scopes_of(in).empty()) return fail(Cause::bad_input, "actions must allow something");
  return {};
}

void apply(const KeyFields& in, ApiKeyRow& row) {
  const auto sessions = in.only_session ? std::vector<std::string>{*in.only_session} : in.sessions;
  row.name = in.name;
  row.scopes = joined(scopes_of(in), scope_name);
  row.sessions = joined(sessions, [](const std::string& name) { return name; });
  row.active = in.is_active;
  row.expires_ms = in.expires_at;
  row.rate_requests = in.rate ? in.rate->requests : 0;
  row.rate_seconds = in.rate ? in.rate->seconds : 0;
}

// --- what is shown ---

struct Shown {
  ApiKeyRow row;
  std::string key;  // where it has just been made

  bool has(Scope scope) const {
    const auto words = split(row.scopes, ' ');
    const auto is = [&](Scope wanted) { return std::ranges::find(words, scope_name(wanted)) != words.end(); };
    return is(Scope::admin) || is(scope);
  }
  std::vector<std::string> sessions() const {
    std::vector<std::string> names;
    for (const auto name : split(row.sessions, ' '))
      if (!name.empty()) names.emplace_back(name);
    return names;
  }
};

struct ActionsShape {
  using Of = Shown;
  static constexpr const char* kName = "ApiKeyActionsShown";
  static void describe(schema::Output<Of>& shows) {
    shows("read", [](const Of& key) { return key.has(Scope::read); });
    shows("send", [](const Of& key) { return key.has(Scope::send); });
    shows("control", [](const Of& key) { return key.has(Scope::control); });
    shows("setting", [](const Of& key) { return key.has(Scope::control); });
    shows("app", [](const Of& key) { return key.has(Scope::control); });
    shows("delete", [](const Of& key) { return key.has(Scope::admin); });
  }
};

struct RateShape {
  using Of = ApiKeyRow;
  static constexpr const char* kName = "RateLimitShown";
  static void describe(schema::Output<Of>& shows) {
    shows("requests", [](const Of& row) { return row.rate_requests; });
    shows("seconds", [](const Of& row) { return row.rate_seconds; });
  }
};

struct KeyShape {
  using Of = Shown;
  static constexpr const char* kName = "ApiKey";
  static void describe(schema::Output<Of>& shows) {
    shows("id", [](const Of& shown) { return shown.row.id; });
    shows("key", [](const Of& shown) {
      return schema::text_if(shown.key);
    }).help("Only in the answer that made it: it is kept as a hash.");
    shows("name", [](const Of& shown) { return shown.row.name; });
    shows("isActive", [](const Of& shown) { return shown.row.active; });
    shows("isAdmin", [](const Of& shown) { return shown.has(Scope::admin) && shown.row.sessions.empty(); });
    shows("session", [](const Of& shown) {
      const auto names = shown.sessions();
      return names.size() == 1 ? std::optional(names.front()) : std::nullopt;
    }).or_null();
    shows("sessions", [](const Of& shown) { return shown.sessions(); }).help("Empty: all.");
    shows("scopes", [](const Of& shown) {
      std::vector<std::string> scopes;
      for (const auto scope : split(shown.row.scopes, ' ')) scopes.emplace_back(scope);
      return scopes;
    });
    shows.object<ActionsShape>("actions", [](const Of& shown) -> const Of& { return shown; });
    shows("createdAt", [](const Of& shown) { return shown.row.created_ms; }).help("Unix ms.");
    shows("lastUsedAt", [](const Of& shown) { return positive(shown.row.used_ms); })
        .or_null()
        .help("Unix ms.");
    shows("expiresAt", [](const Of& shown) { return positive(shown.row.expires_ms); })
        .or_null()
        .help("Unix ms.");
    shows
        .object<RateShape>("rateLimit",
                           [](const Of& shown) { return shown.row.rate_requests > 0 ? &shown.row : nullptr; })
        .or_null();
  }
};

struct Removed {
  using Of = bool;
  static constexpr const char* kName = "ApiKeyRemoved";
  static void describe(schema::Output<Of>& shows) {
    shows("result", [](const Of& removed) { return removed; });
  }
};

HttpReply failure(const Error& error) {
  return error.cause == Cause::not_found ? error_reply(404, "API key not found") : failure_reply(error);
}

// --- what is done ---

HttpReply create(KeyRing& keys, const CreateKey& in) {
  if (const auto right = check(in); !right) return failure_reply(right.error());
  SystemRandom random;
  const std::string key = "key_" + hex_lower(random.bytes(16));
  const std::string id = "key_id_" + hex_lower(random.bytes(12));
  const auto made = keys.change(id, [in, id, key](const ApiKeyRow*, Instant now) -> Result<ApiKeyRow> {
    ApiKeyRow row;
    row.id = id;
    row.hash = crypto::sha256(as_bytes(key));
    row.created_ms = now.wall;
    apply(in, row);
    return row;
  });
  return made ? reply<KeyShape>(201, {*made, key}) : failure(made.error());
}

HttpReply list(KeyRing& keys) {
  const auto rows = keys.all();
  if (!rows) return failure(rows.error());
  std::vector<Shown> shown;
  for (const auto& row : *rows) shown.push_back({row, {}});
  return json_reply(200, schema::list_of<KeyShape>(shown));
}

HttpReply update(KeyRing& keys, const UpdateKey& in) {
  if (const auto right = check(in); !right) return failure_reply(right.error());
  const auto changed = keys.change(in.id, [in](const ApiKeyRow* there, Instant) -> Result<ApiKeyRow> {
    if (there == nullptr) return fail(Cause::not_found);
    ApiKeyRow row = *there;
    apply(in, row);
    return row;
  });
  return changed ? reply<KeyShape>(200, {*changed, {}}) : failure(changed.error());
}

HttpReply remove(KeyRing& keys, const DeleteKey& in) {
  const auto removed = keys.remove(in.id);
  return removed ? reply<Removed>(200, true) : failure(removed.error());
}

// The session's row, or why it can't be told.
Result<std::int64_t> row_of(const Call& call, const std::string& session) {
  return call.gateway.read<std::int64_t>(
      session, [](store::Database&, std::int64_t row) -> Result<std::int64_t> { return row; });
}

HttpReply no_such_session(const std::string& session, const Error& error) {
  return error.cause == Cause::not_found ? error_reply(422, "Session \"" + session + "\" does not exist")
                                         : failure_reply(error);
}

// The key that is good for one thing with one session. Asked for again it is the same: made of the configured
// key, and of the session: another one of its name has another key. One that an older version has made, of
// the name alone, stays what it is.
HttpReply derived(KeyRing& keys, const Call& call, const OfSession& in, Scope scope) {
  const auto session = row_of(call, in.session);
  if (!session) return no_such_session(in.session, session.error());
  const std::string word(scope_name(scope));
  const std::string former = keys.derived_key(word + " " + in.session);
  const std::string own = keys.derived_key(word + " " + in.session + " " + std::to_string(*session));
  const std::string id = "key_id_" + word + "_" + in.session;
  auto key = std::make_shared<std::string>(own);
  const auto made =
      keys.change(id, [=, name = in.session](const ApiKeyRow* there, Instant now) -> Result<ApiKeyRow> {
        if (there != nullptr && there->hash == crypto::sha256(as_bytes(former))) *key = former;
        ApiKeyRow row = there != nullptr ? *there : ApiKeyRow{};
        row.id = id;
        row.hash = crypto::sha256(as_bytes(*key));
        if (there == nullptr) row.created_ms = now.wall;
        row.name = word + " of " + name;
        row.scopes = word;
        row.sessions = name;
        row.active = true;
        return row;
      });
  return made ? reply<KeyShape>(201, {*made, *key}) : failure(made.error());
}

}  // namespace

Operations key_operations(std::shared_ptr<KeyRing> keys) {
  return {
      operation<CreateKey>({"POST", "/api/keys", "createKey", kTag, Scope::admin, Whose::all, "Makes a key"},
                           [keys](const Call&, const CreateKey& in) { return create(*keys, in); })
          .gives(201, "With the key itself, which is not shown again.", json<KeyShape>()),
      operation<Nothing>(
          {"GET", "/api/keys", "listKeys", kTag, Scope::admin, Whose::all, "The keys that were made"},
          [keys](const Call&, const Nothing&) { return list(*keys); })
          .gives(200, "By age.", json_list<KeyShape>()),
      operation<UpdateKey>({"PUT", "/api/keys/{id}", "updateKey", kTag, Scope::admin, Whose::all,
                            "Says anew what a key may do"},
                           [keys](const Call&, const UpdateKey& in) { return update(*keys, in); })
          .gives(200, "The key.", json<KeyShape>())
          .fails({404}),
      operation<DeleteKey>(
          {"DELETE", "/api/keys/{id}", "deleteKey", kTag, Scope::admin, Whose::all, "Removes a key"},
          [keys](const Call&, const DeleteKey& in) { return remove(*keys, in); })
          .gives(200, "It is good for nothing any more.", json<Removed>())
          .fails({404}),
      operation<OfSession>(
          {"POST", "/api/keys/control", "createControlKey", kTag, Scope::admin, Whose::one,
           "A key that starts, stops and configures one session; idempotent"},
          [keys](const Call& call, const OfSession& in) { return derived(*keys, call, in, Scope::control); })
          .gives(201, "The key, each time.", json<KeyShape>())
          .fails({422}),
      operation<OfSession>(
          {"POST", "/api/keys/media", "createMediaKey", kTag, Scope::admin, Whose::one,
           "A key that opens the files of one session's messages; idempotent"},
          [keys](const Call& call, const OfSession& in) { return derived(*keys, call, in, Scope::media); })
          .gives(201, "The key, each time.", json<KeyShape>())
          .fails({422}),
  };
}

}  // namespace pigeond::api::waha
