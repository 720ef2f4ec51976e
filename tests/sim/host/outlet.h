// Where a simulated process touches the world around it.
#pragma once

#include <functional>
#include <string>

namespace pigeond::sim {

class Outlet {
 public:
  virtual ~Outlet() = default;
  // Something is about to leave the process. False: it is dead by now, and nothing happens.
  virtual bool leaves(const std::string& what) = 0;
  // Runs `work` in the process's next turn, if it lives so long.
  virtual void post(std::function<void()> work) = 0;
};

}  // namespace pigeond::sim
