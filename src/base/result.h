// Expected failures are values. Exceptions are for start-up and for bugs, and never cross a layer.
#pragma once

#include <cstdlib>
#include <string>
#include <utility>
#include <variant>

#include "base/cause.h"
#include "base/field.h"
#include "base/time.h"

namespace pigeond {

struct Error {
  Cause cause = Cause::internal;
  std::string detail;  // for people: names the field, host or file; never message text, keys or tokens
  int code = 0;  // the other side's own number, where it gave one (ack error, stream error, SQLite, errno)
  Millis retry_after = 0;     // from now on; when asking again may make sense; 0: nobody knows
  Field field = Field::none;  // what of the caller's request is wrong, where its name is a surface's
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  // Asking for what is not there is a bug, and ends the process.
  T& value() & { return ok() ? *std::get_if<0>(&state_) : abort_value(); }
  const T& value() const& {
    return ok() ? *std::get_if<0>(&state_) : const_cast<Result*>(this)->abort_value();
  }
  T&& value() && { return std::move(value()); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(value()); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const {
    if (ok()) std::abort();
    return *std::get_if<1>(&state_);
  }
  Cause cause() const { return error().cause; }

 private:
  [[noreturn]] T& abort_value() { std::abort(); }
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)), ok_(false) {}

  bool ok() const { return ok_; }
  explicit operator bool() const { return ok_; }
  const Error& error() const {
    if (ok_) std::abort();
    return error_;
  }
  Cause cause() const { return error().cause; }

 private:
  Error error_;
  bool ok_ = true;
};

using Status = Result<void>;

inline Error fail(Cause cause, std::string detail = {}, int code = 0) {
  return Error{cause, std::move(detail), code};
}
inline Error fail(Cause cause, Field field, std::string detail) {
  return Error{cause, std::move(detail), 0, 0, field};
}

}  // namespace pigeond

// Hands the error of `expression` to the caller, or goes on.
#define PIGEOND_CHECK(expression)                                      \
  do {                                                                 \
    if (auto status_ = (expression); !status_) return status_.error(); \
  } while (false)

// `PIGEOND_TRY(auto node, decode(bytes));` declares `node`, or hands the error to the caller.
#define PIGEOND_TRY(declaration, expression) \
  PIGEOND_TRY_(PIGEOND_JOIN_(result_, __LINE__), declaration, expression)
#define PIGEOND_TRY_(result, declaration, expression) \
  auto result = (expression);                         \
  if (!result) return result.error();                 \
  declaration = std::move(*result)
#define PIGEOND_JOIN_(a, b) PIGEOND_JOIN2_(a, b)
#define PIGEOND_JOIN2_(a, b) a##b
