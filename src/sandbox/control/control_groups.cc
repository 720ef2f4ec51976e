// Control's part that is about groups.
#include "sandbox/control/control.h"
#include "sandbox/control/control_json.h"
#include "sandbox/server.h"

namespace pigeond::sandbox {
namespace {

constexpr std::int64_t kLongest = 10LL * 365 * 86400;  // seconds

Json group_json(const World& world, const Group& group) {
  static constexpr const char* kRanks[] = {"participant", "admin", "superadmin"};
  Json members = Json::array();
  for (const auto& [phone, rank] : group.members) {
    const Account& account = world.accounts.at(phone);
    members.push_back({{"phone", phone},
                       {"jid", account.jid(group.addressing).text()},
                       {"rank", kRanks[static_cast<int>(rank)]}});
  }
  Json requests = Json::array();
  for (const auto& [phone, request] : group.requests) requests.push_back(phone);
  return {{"id", group.jid().text()},
          {"addressing", group.addressing == Form::lid ? "lid" : "pn"},
          {"subject", group.subject},
          {"description", group.description},
          {"description_id", group.description_id},
          {"announce", group.announce},
          {"locked", group.locked},
          {"admins_add", group.admins_add},
          {"approval", group.approval},
          {"ephemeral", group.ephemeral},
          {"invite", group.invite_code},
          {"participants", std::move(members)},
          {"requests", std::move(requests)}};
}

}  // namespace

void Control::add_groups() {
  add("POST", "/groups", [this](const net::HttpRequest& request) {
    Body body(request.body);
    NewGroup group;
    group.subject = body.text("subject", true);
    for (const auto& phone : body.texts("participants")) group.members.push_back(phone_of(phone));
    group.creator = phone_of(body.text("creator"));
    if (group.creator.empty() && !group.members.empty()) group.creator = group.members.front();
    const std::string addressing = body.text("addressing");
    if (!addressing.empty() && addressing != "pn" && addressing != "lid")
      body.reject("addressing", "is pn or lid");
    group.addressing = addressing == "pn" ? Form::pn : Form::lid;
    group.announce = body.flag("announce", false);
    group.locked = body.flag("locked", false);
    group.admins_add = body.flag("admins_add", false);
    group.approval = body.flag("approval", false);
    group.ephemeral = body.number("ephemeral", 0, kLongest).value_or(0);
    if (body.refusal()) return reply(*body.refusal());
    const auto id = server_.service().create_group(server_.now(), group);
    const World& world = server_.service().world();
    return id ? reply(201, group_json(world, world.groups.at(*id))) : reply(id.error());
  });
  add("GET", "/groups", [this](const net::HttpRequest&) {
    Json list = Json::array();
    const World& world = server_.service().world();
    for (const auto& [id, group] : world.groups) list.push_back(group_json(world, group));
    return reply(200, list);
  });
  add("GET", "/groups/{id}", [this](const net::HttpRequest& request) {
    const World& world = server_.service().world();
    const auto found = world.groups.find(phone_of(request.params.at("id")));
    if (found == world.groups.end()) return reply(Refusal{404, "no such group", "id"});
    return reply(200, group_json(world, found->second));
  });
  // What changes here nobody is told: clients find out by what the service refuses.
  add("PUT", "/groups/{id}", [this](const net::HttpRequest& request) {
    Body body(request.body);
    const std::string id = phone_of(request.params.at("id")), addressing = body.text("addressing");
    if (!addressing.empty() && addressing != "pn" && addressing != "lid")
      body.reject("addressing", "is pn or lid");
    const std::string admin = phone_of(body.text("admin"));
    if (body.refusal()) return reply(*body.refusal());
    const Status done = server_.service().change_group(server_.now(), id, [&](Group& group) {
      if (!addressing.empty()) group.addressing = addressing == "pn" ? Form::pn : Form::lid;
      group.announce = body.flag("announce", group.announce);
      if (group.has(admin)) group.members[admin] = GroupRank::admin;
    });
    const World& world = server_.service().world();
    return done ? reply(200, group_json(world, world.groups.at(id))) : reply(done.error());
  });
}

}  // namespace pigeond::sandbox
