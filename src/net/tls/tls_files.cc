#include "net/tls/tls_files.h"

#include <sys/stat.h>

#include <utility>

#include "base/log.h"

namespace pigeond::net {
namespace {

constexpr Millis kLook = 10 * kSecond;

std::int64_t ns(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

Result<std::shared_ptr<TlsFiles>> TlsFiles::load(const std::string& chain_file, const std::string& key_file,
                                                 Millis mono) {
  auto files = std::shared_ptr<TlsFiles>(new TlsFiles(chain_file, key_file));
  files->looked_ = mono;
  PIGEOND_CHECK(files->read());
  return files;
}

TlsFiles::Stamp TlsFiles::stamp_of(const std::string& file) {
  struct stat found {};
  if (::stat(file.c_str(), &found) != 0) return {};
  return {found.st_dev, found.st_ino, static_cast<std::uint64_t>(found.st_size), ns(found.st_mtim),
          ns(found.st_ctim)};
}

// What is written while it is read has another stamp afterwards, and is read again at the next look.
Status TlsFiles::read() {
  chain_ = stamp_of(chain_file_);
  key_ = stamp_of(key_file_);
  auto loaded = TlsIdentity::load(chain_file_, key_file_);
  if (!loaded) {
    failure_ = loaded.error();
    return loaded.error();
  }
  identity_ = std::move(*loaded);
  failure_.reset();
  return {};
}

std::shared_ptr<const TlsIdentity> TlsFiles::current(Millis mono) {
  const std::lock_guard lock(mutex_);
  if (mono - looked_ < kLook) return identity_;
  looked_ = mono;
  if (stamp_of(chain_file_) == chain_ && stamp_of(key_file_) == key_) return identity_;
  if (const auto renewed = read(); renewed)
    log::notice("TLS certificate renewed", {{"file", chain_file_}});
  else
    log::error("TLS certificate kept as it was: its files can't be used",
               {{"detail", renewed.error().detail}});
  return identity_;
}

Status TlsFiles::reload() {
  const std::lock_guard lock(mutex_);
  return read();
}

std::optional<Error> TlsFiles::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

}  // namespace pigeond::net
