#include "gateway/storage/probe.h"

#include "base/log.h"

namespace pigeond::gateway {
namespace {

constexpr Millis kPause = 2 * kSecond;
constexpr int kRoom = 65536;  // bytes

}  // namespace

void StorageProbe::failed(const Error& error) {
  health_.failed(error, loop_.now().wall);
  probing_ = false;
  plan();
}

void StorageProbe::plan() {
  if (std::exchange(planned_, true)) return;
  loop_.after(kPause, [this] {
    planned_ = false;
    if (database_.closed() || !health_.failing()) return;
    probing_ = true;
    database_.prepare("INSERT INTO storage_probe VALUES (zeroblob(?))").bind(kRoom).run();
    database_.prepare("DELETE FROM storage_probe").run();
  });
}

void StorageProbe::works() {
  probing_ = false;
  health_.works();
  log::notice("the database can be written again");
}

}  // namespace pigeond::gateway
