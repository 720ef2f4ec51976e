// What the API says of a session, in the words of the command line.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace pigeond::app {

// A member that is a text; empty where there is none.
std::string text_of(const nlohmann::json& object, const char* name);

std::string own_id(const nlohmann::json& session);    // of the linked account
std::string cause_of(const nlohmann::json& session);  // "tls: certificate has expired"; empty: none
// "default is STARTING (tls: certificate has expired)"
std::string standing_of(const std::string& name, const nlohmann::json& session);

}  // namespace pigeond::app
