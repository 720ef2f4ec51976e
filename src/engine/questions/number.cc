#include "engine/questions/number.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/text.h"
#include "engine/messages/desk.h"

namespace pigeond::engine {
namespace {

constexpr int kTooMany = 429;

// The service may answer the question and refuse what it asks: <usync><result><contact><error code text>, as
// whatsapp-rust reads it (wacore/src/iq/usync/query.rs).
Status refusal_of(const wire::Node& answer) {
  const auto* error = answer.path({"usync", "result", "contact", "error"});
  if (error == nullptr) return {};
  const int code = static_cast<int>(std::min<std::uint64_t>(error->number("code").value_or(0), 999));
  std::string text = error->attr("text");
  if (text.size() > 200 || !is_valid_utf8(text)) text.clear();
  return fail(code == kTooMany ? Cause::rate_limited : Cause::ack_error, std::move(text), code);
}

// The number that the service says it answers about, else the only one that was asked for.
std::string asked_for(const UsyncUser& user, const std::set<std::string>& digits) {
  const std::string said = user.query.starts_with('+') ? user.query.substr(1) : user.query;
  if (digits.contains(said)) return said;
  return digits.size() == 1 ? *digits.begin() : std::string();
}

using Numbers = std::map<std::string, Number>;

void take(Desk& desk, const std::set<std::string>& digits, const wire::Node& answer, Numbers& numbers) {
  for (auto& user : parse_usync(answer)) {
    const std::string dialled = asked_for(user, digits);
    if (dialled.empty()) continue;
    Number number;
    if (user.contact == "in") {
      number.exists = true;
      number.pn = desk.dialled.named(user, dialled);
      if (desk.devices.learn(user)) desk.ciphers.forget_user(user.jid);
      number.lid = user.lid;
    }
    desk.lookups.put(dialled, number, desk.context.now.mono);
    numbers[dialled] = std::move(number);
  }
}

// What the service has said nothing about is not there.
std::vector<Number> in_order(Desk& desk, const std::vector<std::string>& digits, const Numbers& numbers) {
  std::vector<Number> out;
  for (const auto& each : digits) {
    const auto found = numbers.find(each);
    Number number = found == numbers.end() ? Number{} : found->second;
    if (number.exists && number.lid.empty()) number.lid = desk.lids.lid(number.pn);
    out.push_back(std::move(number));
  }
  return out;
}

}  // namespace

void ask_numbers(Desk& desk, const std::vector<std::string>& digits, bool anew,
                 Answered<std::vector<Number>> answered) {
  Numbers numbers;
  std::set<std::string> open;
  for (const auto& each : digits) {
    if (!is_digits(each) || each.size() < 5 || each.size() > 20)
      return answered(fail(Cause::bad_input, "a number must have 5 to 20 digits"));
    const auto known = anew ? std::nullopt : desk.lookups.find(each, desk.context.now.mono);
    if (known)
      numbers[each] = *known;
    else
      open.insert(each);
  }
  if (open.empty()) return answered(in_order(desk, digits, numbers));
  std::vector<std::string> dialled;
  for (const auto& each : open) dialled.push_back("+" + each);
  wire::Node query = usync_query(desk.stanzas.next_id(), "interactive", {"contact", "lid"}, {}, dialled);
  desk.query(std::move(query), [&desk, digits, open = std::move(open), numbers = std::move(numbers),
                                answered = std::move(answered)](const Result<wire::Node>& answer) mutable {
    if (!answer) return answered(answer.error());
    if (const Status refused = refusal_of(*answer); !refused) return answered(refused.error());
    take(desk, open, *answer, numbers);
    answered(in_order(desk, digits, numbers));
  });
}

void ask_number(Desk& desk, const std::string& digits, const Answered<Number>& answered) {
  ask_numbers(desk, {digits}, false, [answered](Result<std::vector<Number>> numbers) {
    answered(numbers ? Result<Number>(numbers->front()) : Result<Number>(numbers.error()));
  });
}

}  // namespace pigeond::engine
