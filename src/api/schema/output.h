// What an answer shows, in one place: a shape describes the members that its JSON has for a value of the
// gateway, and writing them and the OpenAPI schema come from that.
//
//   struct Me {
//     using Of = gateway::Me;
//     static constexpr const char* kName = "MeInfo";
//     static void describe(schema::Output<gateway::Me>& shows) {
//       shows("id", [](const gateway::Me& me) { return chat_id(me.pn); });
//       shows.object<Timelock>("reachoutTimelock", [](const gateway::Me& me) { return me.timelock;
//       }).or_null();
//     }
//   };
//
// A getter that returns std::optional says by nullopt that there is nothing: then the member is left out, or
// null with or_null().
#pragma once

#include <functional>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "api/json_text.h"
#include "api/schema/components.h"

namespace pigeond::api::schema {

struct Member {
  std::string name;  // empty: members of another shape, among these
  bool optional = false;
  bool null = false;
  std::string about;
  std::function<Json(Components&)> schema;
  // Writes its name and value; nothing where there is nothing to show, or null.
  std::function<void(JsonText&, const Member&, const void* object)> put;

  void put_nothing(JsonText& out) const {
    if (null) out.name(name), out.null();
  }

  Member& or_null() { return null = true, *this; }
  Member& help(std::string_view text) { return about = text, *this; }
  // The texts that it may be.
  Member& one_of(std::vector<std::string> texts) {
    schema = [texts = std::move(texts)](Components&) { return Json{{"type", "string"}, {"enum", texts}}; };
    return *this;
  }
};

// The members of one shape.
class Members {
 public:
  Members(std::string name, std::list<Member> all) : name_(std::move(name)), all_(std::move(all)) {}
  void write(JsonText& out, const void* object) const;
  void write_members(JsonText& out, const void* object) const;  // among those of another object
  Json schema(Components& components) const;                    // a reference
  Json inline_schema(Components& components) const;             // the object itself

 private:
  std::string name_;
  std::list<Member> all_;
};

template <typename Shape>
const Members& members_of();

// The JSON of a value in a shape; of a list of them.
template <typename Shape>
void write(JsonText& out, const typename Shape::Of& value) {
  members_of<Shape>().write(out, &value);
}
template <typename Shape, typename Range>
void write_list(JsonText& out, const Range& values) {
  out.begin_array();
  for (const auto& value : values) write<Shape>(out, value);
  out.end_array();
}
template <typename Shape>
JsonText text_of(const typename Shape::Of& value) {
  JsonText out;
  write<Shape>(out, value);
  return out;
}
template <typename Shape, typename Range>
JsonText list_of(const Range& values) {
  JsonText out;
  write_list<Shape>(out, values);
  return out;
}
// For what is put together of several.
template <typename Shape>
Json json_of(const typename Shape::Of& value) {
  return Json::parse(text_of<Shape>(value).take());
}

// {"type":"string"} and so on, of what a getter returns.
template <typename X>
Json plain_schema() {
  if constexpr (std::is_same_v<X, bool>) {
    return {{"type", "boolean"}};
  } else if constexpr (std::is_integral_v<X>) {
    return {{"type", "integer"}};
  } else if constexpr (std::is_floating_point_v<X>) {
    return {{"type", "number"}};
  } else if constexpr (std::is_convertible_v<X, std::string_view>) {
    return {{"type", "string"}};
  } else if constexpr (requires { typename X::mapped_type; }) {
    return {{"type", "object"}, {"additionalProperties", plain_schema<typename X::mapped_type>()}};
  } else if constexpr (std::is_same_v<X, Json>) {
    return Json::object();  // anything
  } else {
    return {{"type", "array"}, {"items", plain_schema<typename X::value_type>()}};
  }
}

template <typename T>
class Output {
 public:
  // What Json can be made of: texts, numbers, flags; lists and maps of them.
  template <typename Get>
  Member& operator()(const char* name, Get get) {
    using X = std::remove_cvref_t<std::invoke_result_t<Get, const T&>>;
    if constexpr (is_optional<X>) {
      Member& member = add(name, [get](JsonText& out, const Member& self, const T& object) {
        const auto& value = get(object);
        value ? out.member(self.name, *value) : self.put_nothing(out);
      });
      member.schema = [](Components&) { return plain_schema<typename X::value_type>(); };
      member.optional = true;
      return member;
    } else {
      Member& member = add(name, [get](JsonText& out, const Member& self, const T& object) {
        out.member(self.name, get(object));
      });
      member.schema = [](Components&) { return plain_schema<X>(); };
      return member;
    }
  }

  // A value in a shape of its own; the getter returns it, or an optional or pointer of it.
  template <typename Shape, typename Get>
  Member& object(const char* name, Get get) {
    using X = std::remove_cvref_t<std::invoke_result_t<Get, const T&>>;
    constexpr bool maybe = is_optional<X> || std::is_pointer_v<X>;
    Member& member = add(name, [get](JsonText& out, const Member& self, const T& object) {
      const auto& value = get(object);
      if constexpr (maybe) {
        if (!value) return self.put_nothing(out);
        out.name(self.name);
        write<Shape>(out, *value);
      } else {
        out.name(self.name);
        write<Shape>(out, value);
      }
    });
    member.schema = [](Components& components) { return members_of<Shape>().schema(components); };
    member.optional = maybe;
    return member;
  }

  template <typename Shape, typename Get>
  Member& list(const char* name, Get get) {
    Member& member = add(name, [get](JsonText& out, const Member& self, const T& object) {
      out.name(self.name);
      write_list<Shape>(out, get(object));
    });
    member.schema = [](Components& components) {
      return Json{{"type", "array"}, {"items", members_of<Shape>().schema(components)}};
    };
    return member;
  }

  // The members of another shape among these, where the getter returns a value of it (an optional or
  // pointer).
  template <typename Shape, typename Get>
  void among(Get get) {
    Member& member = add("", [get](JsonText& out, const Member&, const T& object) {
      const auto& value = get(object);
      if (value) members_of<Shape>().write_members(out, &*value);
    });
    member.schema = [](Components& components) { return members_of<Shape>().inline_schema(components); };
    member.optional = true;
  }

  std::list<Member> take() { return std::move(all_); }

 private:
  template <typename X>
  struct IsOptional : std::false_type {};
  template <typename X>
  struct IsOptional<std::optional<X>> : std::true_type {};
  template <typename X>
  static constexpr bool is_optional = IsOptional<X>::value;

  template <typename Get>
  Member& add(const char* name, Get get) {
    Member& member = all_.emplace_back();
    member.name = name;
    member.put = [get](JsonText& out, const Member& self, const void* object) {
      get(out, self, *static_cast<const T*>(object));
    };
    return member;
  }

  std::list<Member> all_;
};

// What Shape::describe says, built once.
template <typename Shape>
const Members& members_of() {
  static const Members members = [] {
    Output<typename Shape::Of> shows;
    Shape::describe(shows);
    return Members(Shape::kName, shows.take());
  }();
  return members;
}

// Nothing said is nullopt, for members that are left out or null then.
inline std::optional<std::string> text_if(std::string text) {
  return text.empty() ? std::nullopt : std::optional(std::move(text));
}
template <typename N>
std::optional<N> positive(N number) {
  return number > 0 ? std::optional(number) : std::nullopt;
}

}  // namespace pigeond::api::schema
