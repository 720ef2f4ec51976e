#include "api/operations/openapi.h"

#include <algorithm>
#include <map>

#include "api/reply.h"

namespace pigeond::api {
namespace {

using schema::Components;
using schema::Field;

constexpr const char* kJson = "application/json";

Json text() {
  return {{"type", "string"}};
}

// What an error says: an object whose members are these, of which `required` are always there; operations may
// add others, such as the id of a message.
Json error_object(Json properties, Json required) {
  return {{"type", "object"}, {"properties", std::move(properties)}, {"required", std::move(required)}};
}

Json error_schema(Components& components) {
  return components.ref("Error", [](Components&) {
    return error_object(
        {{"statusCode", {{"type", "integer"}}},
         {"message", text()},
         {"error", schema::described(text(), "The status in words.")},
         {"cause", schema::described(text(), "What it is, for programs, such as not_found.")},
         {"code", schema::described({{"type", "integer"}}, "WhatsApp's own number, where it gave one.")},
         {"hint", schema::described(text(), "What a person can do about it.")},
         {"id", schema::described(text(), "Of the message that was accepted, and ended so.")}},
        {"statusCode", "message", "error"});
  });
}

Json bad_request_schema(Components& components) {
  return components.ref("BadRequest", [](Components&) {
    return error_object(
        {{"statusCode", {{"const", 400}}},
         {"message", {{"type", "array"}, {"items", text()}, {"description", "Names the field."}}},
         {"error", text()},
         {"cause", text()}},
        {"statusCode", "message", "error"});
  });
}

Json unauthorized_schema(Components& components) {
  return components.ref("Unauthorized", [](Components&) {
    return error_object({{"statusCode", {{"const", 401}}}, {"message", text()}}, {"statusCode", "message"});
  });
}

// Of a session that is not there, or not in the state that is needed.
Json session_error_schema(Components& components) {
  return components.ref("SessionError", [](Components&) {
    return error_object(
        {{"error", text()},
         {"session", text()},
         {"status", schema::described(text(), "Of the session.")},
         {"expected", {{"type", "array"}, {"items", text()}}},
         {"message", text()},
         {"cause", text()},
         {"reason", {{"type", "object"}, {"description", "Why the session is in that state."}}},
         {"hint", text()},
         {"id", text()}},
        {"error", "session"});
  });
}

std::string_view error_words(int status) {
  switch (status) {
    case 400:
      return "A field is missing or wrong; the message names it. Nothing was done.";
    case 401:
      return "No API key, or a wrong one.";
    case 403:
      return "The key lacks the scope, or is for other sessions; the message says which.";
    case 404:
      return "It is not there.";
    case 409:
      return "Too late: it has happened, or is under way.";
    case 413:
      return "The body is too large.";
    case 422:
      return "What is asked for can't be done as things stand; the cause says why.";
    case 426:
      return "Another version of the WebSocket protocol than 13.";
    case 429:
      return "Too much: of this key, or for the account. Retry-After says when to ask again, where that is "
             "known.";
    case 501:
      return "Not supported.";
    case 502:
      return "WhatsApp refused; cause and code say what it told.";
    case 503:
      return "Nothing was done: the disk takes no writes, the link is gone, no place is free, or the gateway "
             "stops. Ask again.";
    case 504:
      return "No answer in time.";
    default:
      return reason_phrase(status);
  }
}

std::vector<Json> error_schemas(int status, Components& components) {
  switch (status) {
    case 400:
      return {bad_request_schema(components)};
    case 401:
      return {unauthorized_schema(components)};
    case 422:
      return {error_schema(components), session_error_schema(components)};
    default:
      return {error_schema(components)};
  }
}

Json one_of_these(std::vector<Json> schemas) {
  if (schemas.size() == 1) return std::move(schemas.front());
  return {{"anyOf", std::move(schemas)}};
}

std::vector<int> common_errors(const Operation& operation, bool has_fields, bool has_body) {
  std::vector<int> statuses = {401, 429, 503};
  if (operation.scope != Scope::any || operation.whose == Whose::one || operation.whose == Whose::all)
    statuses.push_back(403);
  if (has_fields) statuses.push_back(400);
  if (has_body) statuses.push_back(413);
  return statuses;
}

Json responses(const Operation& operation, bool has_fields, bool has_body, Components& components) {
  struct Response {
    std::string when;
    std::map<std::string, std::vector<Json>> content;  // by type
  };
  std::map<int, Response> all;
  const auto add_error = [&](int status) {
    Response& response = all[status];
    if (response.when.empty()) response.when = error_words(status);
    for (auto& schema : error_schemas(status, components))
      response.content[kJson].push_back(std::move(schema));
  };
  for (const auto& answer : operation.answers) {
    if (answer.bodies.empty()) {
      add_error(answer.status);
      continue;
    }
    Response& response = all[answer.status];
    response.when = answer.when;
    for (const auto& body : answer.bodies) {
      if (body.type.empty()) continue;
      auto& schemas = response.content[body.type];
      if (body.schema) schemas.push_back(body.schema(components));
    }
  }
  for (const int status : common_errors(operation, has_fields, has_body)) {
    const bool told = std::ranges::any_of(operation.answers, [&](const Answer& answer) {
      return answer.status == status && answer.bodies.empty();
    });
    if (!told) add_error(status);
  }
  Json json = Json::object();
  for (auto& [status, response] : all) {
    Json& entry = json[std::to_string(status)];
    entry["description"] = response.when;
    for (auto& [type, schemas] : response.content)
      entry["content"][type] =
          schemas.empty() ? Json::object() : Json{{"schema", one_of_these(std::move(schemas))}};
  }
  return json;
}

Json parameter(const Field& field, const char* place, Components& components) {
  Json json = {{"name", field.name}, {"in", place}};
  Json schema = field.described_schema(components);
  if (const auto about = schema.find("description"); about != schema.end()) {
    json["description"] = *about;
    schema.erase("description");
  }
  if (field.is_required || std::string_view(place) == "path") json["required"] = true;
  json["schema"] = std::move(schema);
  return json;
}

void add_request(const Operation& operation, Json& json, Components& components) {
  std::vector<const Field*> in_body;
  for (const auto& field : operation.in->all()) {
    const unsigned places = places_of(operation, field);
    for (const auto& [place, name] : {std::pair(schema::kPath, "path"), std::pair(schema::kQuery, "query"),
                                      std::pair(schema::kHeader, "header")}) {
      if ((places & place) != 0) json["parameters"].push_back(parameter(field, name, components));
    }
    if ((places & schema::kBody) != 0) in_body.push_back(&field);
  }
  if (in_body.empty()) return;
  const bool required = std::ranges::any_of(in_body, &Field::is_required);
  const Json schema = components.ref(
      operation.in->name(), [&](Components& inner) { return schema::object_schema(in_body, inner); });
  json["requestBody"] = {{"required", required}, {"content", {{kJson, {{"schema", schema}}}}}};
}

Json operation_json(const Operation& operation, Components& components) {
  Json json = {{"operationId", operation.id}, {"tags", {operation.tag}}, {"summary", operation.summary}};
  if (operation.deprecated) json["deprecated"] = true;
  if (operation.scope != Scope::any)
    json["description"] = "Needs a key with the scope `" + std::string(scope_name(operation.scope)) + "`.";
  json["x-scope"] = scope_name(operation.scope);
  add_request(operation, json, components);
  const bool has_body = json.contains("requestBody");
  json["responses"] = responses(operation, has_body || json.contains("parameters"), has_body, components);
  return json;
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

}  // namespace

std::string openapi_document(const Operations& operations, const std::string& version) {
  Components components;
  Json paths = Json::object(), tags = Json::array();
  for (const auto& operation : operations) {
    paths[operation.path][lower(operation.method)] = operation_json(operation, components);
    const bool known =
        std::ranges::any_of(tags, [&](const Json& tag) { return tag["name"] == operation.tag; });
    if (!known) tags.push_back({{"name", operation.tag}});
  }
  Json json;
  json["openapi"] = "3.1.0";
  json["info"] = {
      {"title", "pigeond"},
      {"version", version},
      {"description",
       "A WhatsApp gateway. Paths and shapes are those of WAHA, so that clients written for it change a "
       "host name."},
      {"license", {{"name", "GPL-3.0-or-later"}, {"identifier", "GPL-3.0-or-later"}}}};
  json["servers"] = Json::array({{{"url", "/"}}});
  json["security"] = Json::array({{{"key", Json::array()}}, {{"keyInQuery", Json::array()}}});
  json["tags"] = std::move(tags);
  json["paths"] = std::move(paths);
  json["components"]["schemas"] = components.json();
  json["components"]["securitySchemes"] = {
      {"key", {{"type", "apiKey"}, {"in", "header"}, {"name", "X-Api-Key"}}},
      {"keyInQuery", {{"type", "apiKey"}, {"in", "query"}, {"name", "x-api-key"}}}};
  return dump(json) + "\n";
}

}  // namespace pigeond::api
