// Where the files of messages may be had: the service's media servers, and the phone, which uploads once more
// what they have lost.
#pragma once

#include <string>

#include "engine/media/servers.h"
#include "engine/messages/kinds/content.h"
#include "engine/questions/question.h"

namespace pigeond::engine {

// `doubted`: those that were told last did not do.
void ask_media_servers(Desk& desk, bool doubted, Answered<MediaHosts> answered);
// The path of a message's file from now on. The phone has to be on; see engine/media/retries.h.
void ask_for_file_again(Desk& desk, const MessageRef& message, const Bytes& media_key,
                        Answered<std::string> answered);

}  // namespace pigeond::engine
