#include "engine/questions/media.h"

#include <utility>

#include "engine/messages/desk.h"

namespace pigeond::engine {

void ask_media_servers(Desk& desk, bool doubted, Answered<MediaHosts> answered) {
  if (doubted) desk.media_servers.doubt();
  desk.media_servers.ask(std::move(answered));
}

// As the message's own stanza named chat and author, which the phone looks it up by.
void ask_for_file_again(Desk& desk, const MessageRef& message, const Bytes& media_key,
                        Answered<std::string> answered) {
  MediaRetries::Wanted wanted;
  wanted.id = message.id;
  wanted.from_me = message.from_me;
  wanted.media_key = media_key;
  for (const auto& row : desk.messages.heads(message.id)) {
    if (row.from_me != message.from_me) continue;
    const bool there =
        message.chat.empty() || row.chat == message.chat || desk.lids.same_user(row.chat, message.chat);
    if (!there) continue;
    wanted.chat = row.chat;
    wanted.author = row.sender.without_device();
  }
  if (wanted.chat.empty()) return answered(fail(Cause::not_found, Field::target, "there is no such message"));
  desk.media_retries.ask(wanted, std::move(answered));
}

}  // namespace pigeond::engine
