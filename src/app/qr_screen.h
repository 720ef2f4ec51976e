// The QR of a session on stdout: on a terminal each new code takes the place of the one before, which has
// expired.
#pragma once

#include <string>

#include "base/result.h"

namespace pigeond::app {

class QrScreen {
 public:
  // `elsewhere` tells where the picture is to be had, for a terminal that is too small.
  explicit QrScreen(std::string elsewhere) : elsewhere_(std::move(elsewhere)) {}

  Status show(const std::string& text);  // the same text again changes nothing
  void clear();                          // nothing is to be scanned any more

 private:
  std::string elsewhere_;
  std::string shown_;
  int lines_ = 0;  // on a terminal, above the cursor
};

}  // namespace pigeond::app
