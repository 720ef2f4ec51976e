#include "sandbox/desk.h"

namespace pigeond::sandbox {
namespace {

constexpr std::size_t kPatches = 10000;  // of one collection

wire::Node prop(const char* code, const char* value) {
  wire::Node node("prop");
  node.set("config_code", code).set("config_value", value);
  return node;
}

}  // namespace

Desk::Desk(World& world, Mailroom& mailroom, KeyServer& keys, Directory& directory, TokenOffice& tokens,
           Settings& settings, const LimitsOffice& limits, GroupsOffice& groups)
    : world_(world), mailroom_(mailroom), tokens_(tokens), settings_(settings), limits_(limits) {
  auto plain = [this](const DeviceRef& from, const wire::Node& iq) { return plain_result(from, iq); };
  answers_["encrypt"] = [&keys](const DeviceRef& from, const wire::Node& iq) {
    return keys.handle(from, iq);
  };
  answers_["usync"] = [&directory](const DeviceRef& from, const wire::Node& iq) {
    return directory.handle(from, iq);
  };
  answers_["passive"] = [this](const DeviceRef& from, const wire::Node& iq) { return passive(from, iq); };
  answers_["privacy"] = [this](const DeviceRef& from, const wire::Node& iq) { return privacy(from, iq); };
  answers_["status"] = [this](const DeviceRef& from, const wire::Node& iq) {
    return settings_.about(from, iq);
  };
  answers_["md"] = [this](const DeviceRef& from, const wire::Node& iq) { return companion(from, iq); };
  answers_["w:sync:app:state"] = [this](const DeviceRef& from, const wire::Node& iq) {
    return app_state(from, iq);
  };
  answers_["w:g2"] = [this, &groups](const DeviceRef& from, const wire::Node& iq) {
    return groups.answer(from, iq, afterwards_);
  };
  answers_["w:mex"] = [this](const DeviceRef& from, const wire::Node& iq) { return mex(from, iq); };
  answers_["w:m"] = [this](const DeviceRef& from, const wire::Node& iq) { return media(from, iq); };
  answers_["abt"] = [this](const DeviceRef& from, const wire::Node& iq) {
    const Account* own = world_.account(from.phone);
    wire::Node props("props"), result = iq_result(iq);
    props.set("hash", "sandbox").set("refresh", "86400").set("refresh_id", "1");
    props.add(prop("10518", "true"));  // privacy tokens on 1:1 messages
    props.add(prop("14303", "true"));  // tokens are issued to LIDs
    props.add(prop("9435", own->lid_migrated && own->sets_migration ? "1" : "0"));  // direct chats by LID
    result.add(std::move(props));
    return result;
  };
  answers_["blocklist"] = [this](const DeviceRef& from, const wire::Node& iq) {
    return settings_.blocklist(from, iq, afterwards_);
  };
  answers_["disappearing_mode"] = [this](const DeviceRef& from, const wire::Node& iq) {
    return settings_.disappearing_mode(from, iq, afterwards_);
  };
  answers_["w:biz"] = [this](const DeviceRef& from, const wire::Node& iq) {
    return settings_.business(from, iq);
  };
  answers_["w:profile:picture"] = [this](const DeviceRef& from, const wire::Node& iq) {
    return picture(from, iq);
  };
  answers_["w:p"] = [this](const DeviceRef&, const wire::Node& iq) {
    wire::Node result = iq_result(iq);
    return result.set("t", static_cast<std::uint64_t>(world_.now.unix_seconds()));
  };
  // Taken note of, with nothing to tell.
  for (const auto* name : {"w:stats", "urn:xmpp:whatsapp:push", "urn:xmpp:whatsapp:dirty", "urn:xmpp:ping"})
    answers_[name] = plain;
}

void Desk::handle(const DeviceRef& from, const wire::Node& iq) {
  const std::string xmlns = iq.attr("xmlns");
  if (!iq.has("id") || xmlns.empty()) {
    world_.violation("iq-malformed", &from, "an iq needs id and xmlns", &iq);
    return world_.answer(from, iq_error(iq, 400, "bad-request"));
  }
  afterwards_ = nullptr;
  const auto answer = answers_.find(xmlns);
  world_.answer(from, answer == answers_.end() ? unsupported(iq) : answer->second(from, iq));
  if (auto next = std::exchange(afterwards_, nullptr)) next();
}

wire::Node Desk::unsupported(const wire::Node& iq) {
  world_.trace.mark_unsupported();
  return iq_error(iq, 501, "feature-not-implemented");
}

wire::Node Desk::plain_result(const DeviceRef&, const wire::Node& iq) {
  return iq_result(iq);
}

wire::Node Desk::passive(const DeviceRef& from, const wire::Node& iq) {
  if (iq.child("active") != nullptr) {
    afterwards_ = [this, from] { mailroom_.activate(from); };
    return iq_result(iq);
  }
  if (iq.child("passive") != nullptr) {
    if (Device* device = world_.device(from)) device->active = false;
    return iq_result(iq);
  }
  world_.violation("iq-malformed", &from, "neither active nor passive", &iq);
  return iq_error(iq, 400, "bad-request");
}

wire::Node Desk::privacy(const DeviceRef& from, const wire::Node& iq) {
  if (iq.is("type", "set") && iq.child("tokens") != nullptr) return tokens_.issue(from, iq, afterwards_);
  return settings_.privacy(from, iq, afterwards_);
}

// 404: there is none; 401: it is hidden from who asks (whatsmeow's ErrProfilePictureNotSet and
// ErrProfilePictureUnauthorized). With a token for the account itself the service says nothing at all, which
// Baileys' profilePictureUrl tells of: a client would wait.
wire::Node Desk::picture(const DeviceRef& from, const wire::Node& iq) {
  const wire::Node* asked = iq.child("picture");
  if (asked == nullptr || !iq.is("type", "get")) return unsupported(iq);
  const auto target = iq.jid("target");
  if (!target) {
    world_.violation("iq-malformed", &from, "whose picture?", &iq);
    return iq_error(iq, 400, "bad-request");
  }
  const Account* account = world_.account(target->without_device());
  if (account == nullptr || account->picture.empty()) return iq_error(iq, 404, "item-not-found");
  if (account->phone == from.phone && asked->child("tctoken") != nullptr)
    world_.violation("own-token", &from, "a privacy token in the question for its own picture", &iq);
  if (account->shows_nobody && account->phone != from.phone) return iq_error(iq, 401, "not-authorized");
  wire::Node picture("picture"), result = iq_result(iq);
  picture.set("id", std::to_string(account->created)).set("type", asked->attr("type"));
  picture.set("url", account->picture).set("direct_path", "/v/" + account->phone);
  result.add(std::move(picture));
  return result;
}

wire::Node Desk::companion(const DeviceRef& from, const wire::Node& iq) {
  const wire::Node* remove = iq.child("remove-companion-device");
  if (remove == nullptr || !iq.is("type", "set")) return unsupported(iq);
  const auto jid = remove->jid("jid");
  const auto device = jid ? world_.find(*jid) : std::nullopt;
  if (!device || *device != from) {
    world_.violation("iq-malformed", &from, "a companion can remove only itself", &iq);
    return iq_error(iq, 403, "forbidden");
  }
  afterwards_ = [this, from] { remove_(from); };
  return iq_result(iq);
}

wire::Node Desk::app_state(const DeviceRef& from, const wire::Node& iq) {
  const wire::Node* sync = iq.child("sync");
  Account* account = world_.account(from.phone);
  if (sync == nullptr || sync->children().empty()) {
    world_.violation("iq-malformed", &from, "sync without collections", &iq);
    return iq_error(iq, 400, "bad-request");
  }
  wire::Node answers("sync");
  std::vector<std::string> changed;
  for (const auto& collection : sync->children()) {
    const std::string name = collection.attr("name");
    Patches& patches = account->collections[name];
    const std::uint64_t version = collection.number("version").value_or(0);
    wire::Node answer("collection");
    answer.set("name", name);
    const wire::Node* patch = collection.child("patch");
    const bool conflict = patch != nullptr && version != patches.size();
    if (patch != nullptr && !conflict && patches.size() < kPatches) {
      patches.push_back(patch->bytes());
      changed.push_back(name);
    } else if (conflict) {
      answer.set("type", "error");
      answer.add(wire::Node("error").set("code", "409").set("text", "conflict"));
    }
    if (patch == nullptr || conflict) {
      wire::Node list("patches");
      for (std::size_t index = version; index < patches.size(); ++index)
        list.add(wire::Node("patch").body(ByteView(patches[index])));
      if (version < patches.size()) answer.add(std::move(list));
    }
    answer.set("version", static_cast<std::uint64_t>(patches.size()));
    answers.add(std::move(answer));
  }
  afterwards_ = [this, from, changed, account] {
    for (const auto& name : changed) {
      wire::Node note("notification");
      note.set("from", account->jid(Form::pn))
          .set("type", "server_sync")
          .set("t", static_cast<std::uint64_t>(world_.now.unix_seconds()))
          .add(wire::Node("collection")
                   .set("name", name)
                   .set("version", static_cast<std::uint64_t>(account->collections[name].size())));
      for (const auto& [number, device] : account->devices) {
        if (number == 0 || number == from.number) continue;
        note.set("id", world_.next_id());
        mailroom_.deliver(DeviceRef{from.phone, number}, note);
      }
    }
  };
  wire::Node result = iq_result(iq);
  result.add(std::move(answers));
  return result;
}

wire::Node Desk::media(const DeviceRef& from, const wire::Node& iq) {
  if (iq.child("media_conn") == nullptr || !iq.is("type", "set")) return unsupported(iq);
  const MediaAccess access = media_(from);
  wire::Node where("media_conn"), result = iq_result(iq);
  where.set("auth", access.auth).set("ttl", "300").set("max_buckets", "12");
  where.set("auth_ttl", static_cast<std::uint64_t>(access.lifetime));
  const auto add = [&](const char* type) {
    wire::Node host("host");
    host.set("hostname", access.host).set("type", type).set("maxContentLengthBytes", access.most);
    where.add(std::move(host));
  };
  add("primary");
  if (access.fallback) add("fallback");
  return result.add(std::move(where));
}

wire::Node Desk::mex(const DeviceRef& from, const wire::Node& iq) {
  auto answer = limits_.answer(from, iq);
  return answer ? std::move(*answer) : unsupported(iq);
}

}  // namespace pigeond::sandbox
