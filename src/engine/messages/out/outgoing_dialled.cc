// The way of a message out, where it is for a number that nobody here knows: the service says whose it is,
// and all that is told of the message names that account.
#include "engine/messages/kinds/content.h"
#include "engine/messages/out/outgoing.h"

namespace pigeond::engine {

// Neither its LID nor a device has been heard of: the service has to be asked.
bool Outgoing::is_unknown_number(const wire::Jid& chat) {
  return chat.is_pn() && desk_.lids.lid(chat).empty() && !desk_.lids.is_own(chat) &&
         !desk_.devices.devices(chat).has_value();
}

// What has not left and is for a dialled number is the account's that the service has named. An id that was
// told stays. False: there was nothing to be done.
bool Outgoing::readdress(const wire::Jid& dialled, const wire::Jid& account) {
  if (account.same_user(dialled)) return false;
  const auto moved = jobs_.readdress(dialled, account);
  for (const auto seq : moved) {
    const Job& job = *jobs_.find(seq);
    desk_.outbox.set_chat(seq, account);
    const wire::Jid chat = desk_.lids.canonical(account);
    for (const auto& row : desk_.messages.heads(job.id)) {
      if (!row.from_me) continue;
      const bool told_so = row.dialled.empty() && !row.by_lid && !job.untold;
      desk_.messages.set_chat(row.seq, chat, own_address(chat), told_so ? dialled.user : row.dialled.user);
    }
  }
  return !moved.empty();
}

// The service has said who this is.
void Outgoing::named(const wire::Jid& chat) {
  jobs_.each([&](Job& job) {
    if (job.untold && job.chat == chat) tell_accepted(job);
  });
}

void Outgoing::tell_accepted(const std::string& id) {
  jobs_.load();
  if (Job* job = jobs_.find(id); job != nullptr && job->untold) tell_accepted(*job);
}

void Outgoing::tell_accepted(Job& job) {
  job.untold = false;
  desk_.outbox.set_told(job.seq);
  for (const auto& row : desk_.messages.heads(job.id)) {
    if (!row.from_me) continue;
    if (const auto content = wire::proto::decode<wa_Message>(desk_.messages.content(row.seq)))
      show(*content, row);
  }
}

}  // namespace pigeond::engine
