// An operation of the API is a row: how it is called, who may call it, whose session it is about, what it
// takes, what it answers, and what serves it. The dispatcher (dispatcher.h) and the OpenAPI document
// (openapi.h) are made of rows; a dialect is a table of them.
//
//   operation<CheckNumber>({"GET", "/api/contacts/check-exists", "checkNumber", "Contacts", Scope::read,
//   Whose::one,
//                           "Is a number on WhatsApp?"},
//                          [](const Call& call, CheckNumber& in) { return ...; })
//       .gives(200, "What is known of the number.", json<NumberExists>())
//       .fails({422});
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/operations/caller.h"
#include "api/reply.h"
#include "api/schema/input.h"
#include "api/schema/output.h"
#include "gateway/gateway.h"
#include "net/http/admission.h"
#include "net/http/message.h"

namespace pigeond::api {

// Answers a request that no thread waits for: once, from any thread, with what `make` makes on the server's
// loop, where it must not block.
using Promise = std::function<void(std::function<net::HttpReply()> make)>;

// Whose session a request is about.
enum class Whose {
  one,     // that of its field `session`: the key must be good for it
  named,   // the same, or all of them where that field is empty: then the key must not be for some only
  shown,   // several: the handler shows those that the key is good for (Caller::sees)
  all,     // all of them, or the gateway itself: the key must not be for some sessions only
  nobody,  // no session's matter
};

// What a body holds.
struct Body {
  std::string type;                                 // of content; empty: there is none
  std::function<Json(schema::Components&)> schema;  // of JSON
};
template <typename Shape>
Body json() {
  return {"application/json",
          [](schema::Components& components) { return schema::members_of<Shape>().schema(components); }};
}
template <typename Shape>
Body json_list() {
  return {"application/json", [](schema::Components& components) {
            return Json{{"type", "array"}, {"items", schema::members_of<Shape>().schema(components)}};
          }};
}
// Or null.
template <typename Shape>
Body json_or_null() {
  return {"application/json", [](schema::Components& components) {
            return schema::or_null(schema::members_of<Shape>().schema(components));
          }};
}
Body nothing();
Body any_json();
Body text(std::string type);
Body picture(std::string type);

struct Answer {
  int status = 200;
  std::string when;
  std::vector<Body> bodies;  // one of them
};

// A request that is served: `http` and the rest are there as long as the call.
struct Call {
  gateway::Gateway& gateway;
  const Caller& caller;
  const net::HttpRequest& http;
};

// How an operation is called, and by whom.
struct Row {
  std::string method;
  std::string path;  // a pattern: /api/{session}/outbox
  std::string id;    // in the OpenAPI document, and in the log
  std::string tag;   // groups operations in the document
  Scope scope = Scope::admin;
  Whose whose = Whose::all;
  std::string summary;
};

struct Operation : Row {
  explicit Operation(Row how) : Row(std::move(how)) {}

  const schema::Fields* in = nullptr;
  std::vector<Answer> answers;  // but those that every row may give; see openapi.h
  bool deprecated = false;

  // The input that the request's fields are read into, as `in` describes it.
  std::function<std::shared_ptr<void>()> make_input;
  // The name in its field `session`; nullptr: it has none.
  std::function<const std::string&(const void* input)> session_of;
  // May block; on a worker.
  std::function<net::HttpReply(const Call& call, void* input)> run;
  // Instead of it where there is little to read: on the server's loop, must not block. No thread waits.
  std::function<void(const Call& call, void* input, Promise promise)> begin;
  // Instead of both where the answer does not end, or is no answer: what becomes of the connection, by the
  // head of the request alone. On the server's loop, must not block.
  std::function<net::HttpAdmission(const Call& call, void* input)> open;

  Operation& gives(int status, std::string when, Body body) {
    return gives(status, std::move(when), std::vector<Body>{std::move(body)});
  }
  Operation& gives(int status, std::string when, std::vector<Body> bodies) {
    answers.push_back({status, std::move(when), std::move(bodies)});
    return *this;
  }
  // With an error in its body, as openapi.cc describes that of each status.
  Operation& fails(std::initializer_list<int> statuses) {
    for (const int status : statuses) answers.push_back({status, {}, {}});
    return *this;
  }
  Operation& is_deprecated() { return deprecated = true, *this; }
  // The same under another path.
  Operation also(std::string other_path, std::string other_id) const {
    Operation copy = *this;
    copy.path = std::move(other_path);
    copy.id = std::move(other_id);
    return copy;
  }
  template <typename In, typename Begin>
  Operation& begins(Begin work) {
    begin = [work](const Call& call, void* input, Promise promise) {
      work(call, *static_cast<In*>(input), std::move(promise));
    };
    return *this;
  }
};

using Operations = std::vector<Operation>;

template <typename In>
Operation row_of(Row how) {
  Operation row(std::move(how));
  row.in = &schema::fields_of<In>();
  row.make_input = [] { return std::static_pointer_cast<void>(std::make_shared<In>()); };
  if constexpr (requires(const In& in) { in.session; })
    row.session_of = [](const void* input) -> const std::string& {
      return static_cast<const In*>(input)->session;
    };
  return row;
}

// `run`: HttpReply(const Call&, In&).
template <typename In, typename Run>
Operation operation(Row how, Run run) {
  auto row = row_of<In>(std::move(how));
  row.run = [run](const Call& call, void* input) { return run(call, *static_cast<In*>(input)); };
  return row;
}

// `open`: HttpAdmission(const Call&, In&).
template <typename In, typename Open>
Operation stream(Row how, Open open) {
  auto row = row_of<In>(std::move(how));
  row.open = [open](const Call& call, void* input) { return open(call, *static_cast<In*>(input)); };
  return row;
}

// What takes no fields.
struct Nothing {
  static constexpr const char* kName = "Nothing";
  static void describe(schema::Input<Nothing>&) {}
};

// Where a field of this row is read from: a set of schema::Place. A field that the path names is the path's.
unsigned places_of(const Operation& operation, const schema::Field& field);

// Reads what the request says into an input that the row has made. bad_input names the first field that is
// wrong, and "body" where that is no JSON object.
Status read_request(const Operation& operation, const net::HttpRequest& request, void* input);

// The answer to a request in a shape.
template <typename Shape>
net::HttpReply reply(int status, const typename Shape::Of& value) {
  return json_reply(status, schema::text_of<Shape>(value));
}

}  // namespace pigeond::api
