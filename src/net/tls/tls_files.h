// A certificate chain and its key in two files that others renew: read again when they have changed. A pair
// that can't be used (half renewed, broken, gone) leaves the old one in use, and says why. From any thread.
//
// Nobody is woken for it: whoever opens a connection is the occasion to look, every ten seconds at most. So
// the first one after a renewal may still be served with the old certificate, which is good for longer.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "net/tls/tls_stream.h"

namespace pigeond::net {

class TlsFiles {
 public:
  // tls, naming what is wrong.
  static Result<std::shared_ptr<TlsFiles>> load(const std::string& chain_file, const std::string& key_file,
                                                Millis mono);

  // What a new connection is served with. Looks at the files, which are small and local.
  std::shared_ptr<const TlsIdentity> current(Millis mono);
  // Reads them now, changed or not. tls: the pair that is in use stays so.
  Status reload();
  std::optional<Error> failure() const;  // why the files, as they are now, are not in use

 private:
  // By which a file is told from what it was: device, inode, size and times.
  struct Stamp {
    std::uint64_t device = 0, inode = 0, size = 0;
    std::int64_t modified_ns = 0, changed_ns = 0;
    bool operator==(const Stamp&) const = default;
  };

  TlsFiles(std::string chain_file, std::string key_file)
      : chain_file_(std::move(chain_file)), key_file_(std::move(key_file)) {}
  static Stamp stamp_of(const std::string& file);  // of none: all zero
  Status read();

  const std::string chain_file_, key_file_;
  mutable std::mutex mutex_;
  std::shared_ptr<const TlsIdentity> identity_;
  std::optional<Error> failure_;
  Stamp chain_, key_;  // when they were read last
  Millis looked_ = 0;  // mono
};

}  // namespace pigeond::net
