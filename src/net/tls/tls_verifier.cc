#include "net/tls/tls_verifier.h"

#include <netinet/in.h>

#include "net/tls/certificate_names.h"
#include "net/tls/trust_anchors.h"

namespace pigeond::net {
namespace {

constexpr std::uint32_t kDaysTo1970 = 719528;  // BearSSL counts days from the year 0
constexpr std::size_t kMaxLeaf = 64 * 1024;

ByteView address_bytes(const Address& address) {
  if (address.storage.ss_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(&address.storage);
    return {reinterpret_cast<const std::uint8_t*>(&v4->sin_addr), 4};
  }
  const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&address.storage);
  return {reinterpret_cast<const std::uint8_t*>(&v6->sin6_addr), 16};
}

}  // namespace

TlsVerifier& TlsVerifier::self(const br_x509_class* const* context) {
  return *reinterpret_cast<const Slot*>(context)->self;
}

const br_x509_class TlsVerifier::kClass = {
    sizeof(Slot),
    [](const br_x509_class** context, const char*) { self(context).start_chain(); },
    [](const br_x509_class** context, std::uint32_t length) { self(context).start_certificate(length); },
    [](const br_x509_class** context, const unsigned char* data, std::size_t size) {
      self(context).append(data, size);
    },
    [](const br_x509_class** context) { self(context).end_certificate(); },
    [](const br_x509_class** context) { return self(context).end_chain(); },
    [](const br_x509_class* const* context, unsigned* usages) { return self(context).key(usages); },
};

TlsVerifier::TlsVerifier(Network& network, std::string server_name, TlsOptions options)
    : network_(network),
      server_name_(std::move(server_name)),
      address_(parse_ip(server_name_, 0)),
      options_(std::move(options)),
      slot_{&kClass, this} {}

Status TlsVerifier::start_minimal() {
  PIGEOND_TRY(anchors_, network_.trust().load(options_.ca_file));
  minimal_ = std::make_unique<br_x509_minimal_context>();
  br_x509_minimal_init_full(minimal_.get(), anchors_->data(), anchors_->size());
  const std::int64_t seconds = network_.loop().now().unix_seconds();
  br_x509_minimal_set_time(minimal_.get(), kDaysTo1970 + static_cast<std::uint32_t>(seconds / 86400),
                           static_cast<std::uint32_t>(seconds % 86400));
  minimal_->vtable->start_chain(&minimal_->vtable, sni());
  return {};
}

void TlsVerifier::start_chain() {
  seen_leaf_ = false;
  leaf_ = Bytes();
  if (!options_.verify) return;
  if (auto status = start_minimal(); !status) {
    reason_ = status.error().detail;
    minimal_.reset();
  }
}

void TlsVerifier::start_certificate(std::uint32_t length) {
  in_leaf_ = !seen_leaf_;
  seen_leaf_ = true;
  if (minimal_) minimal_->vtable->start_cert(&minimal_->vtable, length);
  if (!options_.verify && in_leaf_) {
    decoder_ = std::make_unique<br_x509_decoder_context>();
    br_x509_decoder_init(decoder_.get(), nullptr, nullptr);
  }
}

void TlsVerifier::append(const unsigned char* data, std::size_t size) {
  if (minimal_) minimal_->vtable->append(&minimal_->vtable, data, size);
  if (!in_leaf_) return;
  if (decoder_) br_x509_decoder_push(decoder_.get(), data, size);
  if (minimal_ && address_ && leaf_.size() + size <= kMaxLeaf) leaf_.insert(leaf_.end(), data, data + size);
}

void TlsVerifier::end_certificate() {
  if (minimal_) minimal_->vtable->end_cert(&minimal_->vtable);
}

unsigned TlsVerifier::end_chain() {
  if (!options_.verify) {
    const bool good = decoder_ && br_x509_decoder_get_pkey(decoder_.get()) != nullptr;
    return good ? 0U : static_cast<unsigned>(BR_ERR_X509_EMPTY_CHAIN);
  }
  if (!minimal_) return BR_ERR_X509_NOT_TRUSTED;
  const unsigned error = minimal_->vtable->end_chain(&minimal_->vtable);
  if (error == 0 && address_ && !certificate_has_ip(leaf_, address_bytes(*address_))) {
    return BR_ERR_X509_BAD_SERVER_NAME;
  }
  return error;
}

const br_x509_pkey* TlsVerifier::key(unsigned* usages) const {
  if (minimal_) return minimal_->vtable->get_pkey(&minimal_->vtable, usages);
  if (!decoder_) return nullptr;
  if (usages != nullptr) *usages = BR_KEYTYPE_KEYX | BR_KEYTYPE_SIGN;
  return br_x509_decoder_get_pkey(decoder_.get());
}

}  // namespace pigeond::net
