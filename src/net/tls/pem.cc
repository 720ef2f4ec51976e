#include "net/tls/pem.h"

#include <bearssl.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "net/posix.h"

namespace pigeond::net {
namespace {

constexpr std::size_t kMaxObject = 64 * 1024;  // bytes

class PemReader {
 public:
  explicit PemReader(const PemSink& sink) : sink_(sink) { br_pem_decoder_init(&decoder_); }

  Status push(ByteView text) {
    while (!text.empty()) {
      const std::size_t taken = br_pem_decoder_push(&decoder_, text.data(), text.size());
      text = text.subspan(taken);
      switch (br_pem_decoder_event(&decoder_)) {
        case BR_PEM_BEGIN_OBJ:
          object_ = {object_name(), {}};
          inside_ = true;
          br_pem_decoder_setdest(&decoder_, &append, this);
          break;
        case BR_PEM_END_OBJ:
          if (object_.der.size() > kMaxObject) return fail(Cause::malformed, "PEM object over 64 KiB");
          inside_ = false;
          sink_(std::move(object_));
          object_ = {};
          break;
        case BR_PEM_ERROR:
          return fail(Cause::malformed, "invalid PEM");
        default:
          break;
      }
    }
    return {};
  }

  Status end() {
    PIGEOND_CHECK(push(as_bytes("\n")));  // the last line may lack its own
    if (inside_) return fail(Cause::malformed, "PEM object without an end");
    return {};
  }

 private:
  // The decoder leaves the dashes on when the line ends with CR LF.
  std::string object_name() {
    std::string name = br_pem_decoder_name(&decoder_);
    while (!name.empty() && name.back() == '-') name.pop_back();
    return name;
  }

  static void append(void* self, const void* data, std::size_t size) {
    Bytes& der = static_cast<PemReader*>(self)->object_.der;
    if (der.size() > kMaxObject) return;
    const auto* bytes = static_cast<const std::uint8_t*>(data);
    der.insert(der.end(), bytes, bytes + size);
  }

  const PemSink& sink_;
  br_pem_decoder_context decoder_;
  PemObject object_;
  bool inside_ = false;
};

}  // namespace

Status parse_pem(ByteView text, const PemSink& sink) {
  PemReader reader(sink);
  PIGEOND_CHECK(reader.push(text));
  return reader.end();
}

Status parse_pem_file(const std::string& path, const PemSink& sink) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return errno_error(path, errno);
  PemReader reader(sink);
  std::array<std::uint8_t, 4096> buffer;
  while (true) {
    const ssize_t count = ::read(fd.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno_error(path, errno);
    Status status =
        count == 0 ? reader.end() : reader.push(ByteView(buffer).first(static_cast<std::size_t>(count)));
    if (!status) return fail(Cause::malformed, path + ": " + status.error().detail);
    if (count == 0) return {};
  }
}

}  // namespace pigeond::net
