#include "engine/questions/number.h"

#include <utility>

#include "base/text.h"
#include "engine/messages/desk.h"

namespace pigeond::engine {
namespace {

Number read_number(Desk& desk, const std::string& digits, const wire::Node& answer) {
  Number number;
  for (auto& user : parse_usync(answer)) {
    if (user.contact != "in") continue;
    number.exists = true;
    number.pn = desk.dialled.named(user, digits);
    if (desk.devices.learn(user)) desk.ciphers.forget_user(user.jid);
    number.lid = user.lid.empty() ? desk.lids.lid(user.pn) : user.lid;
  }
  return number;
}

}  // namespace

void ask_number(Desk& desk, const std::string& digits, Answered<Number> answered) {
  if (!is_digits(digits) || digits.size() < 5 || digits.size() > 20)
    return answered(fail(Cause::bad_input, "the number must have 5 to 20 digits"));
  wire::Node query =
      usync_query(desk.stanzas.next_id(), "interactive", {"contact", "lid"}, {}, {"+" + digits});
  desk.query(std::move(query),
             [&desk, digits, answered = std::move(answered)](const Result<wire::Node>& answer) {
               if (!answer) return answered(answer.error());
               answered(read_number(desk, digits, *answer));
             });
}

}  // namespace pigeond::engine
