// What a request has to say, in one place: a struct describes its fields, and reading them, errors that name
// them, and the OpenAPI schema come from that.
//
//   struct Greeting {
//     std::string name;
//     std::optional<int> times;
//     static constexpr const char* kName = "Greeting";
//     static void describe(schema::Input<Greeting>& is) {
//       is("name", &Greeting::name).required().length(1, 40).help("Who is greeted.");
//       is("times", &Greeting::times).range(1, 10);
//     }
//   };
//
// A field that is not there keeps the value that its struct begins with, which the schema shows as its
// default. null is not there, nor is "": clients send every field of their forms. Fields that nobody
// described are passed over.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "api/schema/codec.h"

namespace pigeond::api::schema {

// Where a field of a request may stand. Where there are several the first that has it counts, in this order.
enum Place : unsigned { kPath = 1, kQuery = 2, kHeader = 4, kBody = 8 };

struct Field {
  std::string name;
  Shape shape = Shape::any;
  Rules rules;
  unsigned places = 0;  // of Place; 0: the query of GET and DELETE, else the body
  bool is_required = false;
  bool takes_empty = false;  // "" is a value
  bool zero_is_nothing = false;
  bool is_session = false;
  std::string about;
  Json fallback;  // null: none to show
  std::function<Status(const Json& json, const Rules& rules, const Path& path, void* object)> read;
  std::function<Json(const Rules& rules, Components& components)> schema;

  Field& required() { return is_required = true, *this; }
  Field& in(unsigned where) { return places = where, *this; }
  Field& help(std::string_view text) { return about = text, *this; }
  Field& length(std::size_t low, std::size_t high) {
    return rules.shortest = low, rules.longest = high, *this;
  }
  Field& range(std::int64_t low, std::int64_t high) { return rules.low = low, rules.high = high, *this; }
  Field& counts(std::int64_t unit) { return rules.unit = unit, *this; }
  Field& at_most(std::size_t items) { return rules.most = items, *this; }
  Field& may_be_empty() { return takes_empty = true, *this; }
  // Of a bound in time: 0 is not given, as forms send it.
  Field& zero_is_absent() { return zero_is_nothing = true, *this; }

  bool absent(const Json& value) const;
  Json described_schema(Components& components) const;
};

// The fields of one struct.
class Fields {
 public:
  Fields(std::string name, std::list<Field> all) : name_(std::move(name)), all_(std::move(all)) {}
  const std::string& name() const { return name_; }
  const std::list<Field>& all() const { return all_; }
  const Field* find(std::string_view name) const;

  // Of one object of JSON into `out`, which is the struct.
  Status read(const Json& object, const Path* parent, void* out) const;
  // As read, of one field; `value` nullptr: it is not there.
  static Status read_field(const Field& field, const Json* value, const Path* parent, void* out);
  Json schema(Components& components) const;  // a reference

 private:
  std::string name_;
  std::list<Field> all_;
};

// The object schema of fields: {"type":"object","properties":...,"required":...}.
Json object_schema(const std::vector<const Field*>& fields, Components& components);

template <typename T>
const Fields& fields_of();

template <typename T>
class Input {
 public:
  // A field of a kind that Plain knows.
  template <typename C, typename M>
  Field& operator()(const char* name, M C::*member) {
    return add(name, member, Plain<inner<M>>{});
  }
  // One that `codec` reads: a Format, or another codec.
  template <typename C, typename M, typename Codec>
  requires requires { Codec::kShape; }
  Field& operator()(const char* name, M C::*member, const Codec& codec) { return add(name, member, codec); }
  template <typename C, typename M, typename E, std::size_t N>
  Field& operator()(const char* name, M C::*member, const std::pair<std::string_view, E> (&names)[N]) {
    return add(name, member, Choice<E>{names});
  }
  // The session that the request is about.
  template <typename C, typename M, typename Codec>
  Field& session(M C::*member, const Codec& codec) {
    Field& field = add("session", member, codec);
    field.is_session = true;
    return field;
  }

  std::list<Field> take() { return std::move(all_); }

 private:
  template <typename M>
  struct Inner {
    using type = M;
    static constexpr bool list = false;
  };
  template <typename M>
  struct Inner<std::optional<M>> : Inner<M> {};
  template <typename M>
  struct Inner<std::vector<M>> {
    using type = M;
    static constexpr bool list = true;
  };
  template <typename M>
  using inner = typename Inner<M>::type;

  template <typename Codec, typename M>
  static Status read_into(const Codec& codec, const Json& json, const Rules& rules, const Path& path,
                          M& out) {
    return codec.read(json, rules, path, out);
  }
  template <typename Codec, typename M>
  static Status read_into(const Codec& codec, const Json& json, const Rules& rules, const Path& path,
                          std::optional<M>& out) {
    return codec.read(json, rules, path, out.emplace());
  }

  template <typename C, typename M, typename Codec>
  Field& add(const char* name, M C::*member, const Codec& codec) {
    static_assert(std::is_base_of_v<C, T>);
    if constexpr (Inner<M>::list)
      return add_with(name, member, Items<Codec>{codec});
    else
      return add_with(name, member, codec);
  }
  template <typename C, typename M, typename Codec>
  Field& add_with(const char* name, M C::*member, const Codec& codec) {
    Field& field = all_.emplace_back();
    field.name = name;
    field.shape = Codec::kShape;
    field.read = [member, codec](const Json& json, const Rules& rules, const Path& path, void* object) {
      return read_into(codec, json, rules, path, static_cast<T*>(object)->*member);
    };
    field.schema = [codec](const Rules& rules, Components& components) {
      return codec.schema(rules, components);
    };
    const T begins{};
    if constexpr (std::is_same_v<M, bool> || std::is_integral_v<M> || std::is_enum_v<M> ||
                  std::is_same_v<M, std::string>)
      field.fallback = codec.show(begins.*member);
    return field;
  }

  std::list<Field> all_;
};

// What T::describe says, built once.
template <typename T>
const Fields& fields_of() {
  static const Fields fields = [] {
    Input<T> is;
    T::describe(is);
    return Fields(T::kName, is.take());
  }();
  return fields;
}

template <typename X>
requires requires {
  X::kName;
}
struct Plain<X> {
  static constexpr Shape kShape = Shape::object;
  Status read(const Json& json, const Rules&, const Path& path, X& out) const {
    if (!json.is_object()) return path.error("must be an object");
    return fields_of<X>().read(json, &path, &out);
  }
  Json schema(const Rules&, Components& components) const { return fields_of<X>().schema(components); }
  Json show(const X&) const { return nullptr; }
};

}  // namespace pigeond::api::schema
