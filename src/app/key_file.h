// The API key that is made when none is configured, kept in `api.key` beside the store.
#pragma once

#include <string>

#include "base/random.h"
#include "base/result.h"

namespace pigeond::app {

std::string key_file_of(const std::string& store_path);

Result<std::string> read_key_file(const std::string& file);  // not_found, io or bad_input, naming the file
// Reads the key, or makes one of 32 hex digits with mode 0600. `made` tells which.
Result<std::string> read_or_make_key_file(const std::string& file, Random& random, bool& made);

}  // namespace pigeond::app
