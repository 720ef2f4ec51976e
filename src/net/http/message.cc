#include "net/http/message.h"

namespace pigeond::net {

std::string HttpRequest::header(std::string_view lower_case_name) const {
  const auto found = headers.find(std::string(lower_case_name));
  return found == headers.end() ? std::string() : found->second;
}

std::size_t HttpRequest::header_count(std::string_view lower_case_name) const {
  return headers.count(std::string(lower_case_name));
}

std::string HttpRequest::parameter(std::string_view name) const {
  const auto found = query.find(std::string(name));
  return found == query.end() ? std::string() : found->second;
}

}  // namespace pigeond::net
