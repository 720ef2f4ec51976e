#include "net/tls/trust_anchors.h"

#include "net/tls/pem.h"
#include "net/tls/trust.h"

namespace pigeond::net {
namespace {

void append_name(void* name, const void* data, std::size_t size) {
  const auto* bytes = static_cast<const std::uint8_t*>(data);
  static_cast<Bytes*>(name)->insert(static_cast<Bytes*>(name)->end(), bytes, bytes + size);
}

}  // namespace

TrustAnchors::Slice TrustAnchors::keep(ByteView data) {
  const Slice slice{bytes_.size(), data.size()};
  bytes_.insert(bytes_.end(), data.begin(), data.end());
  return slice;
}

bool TrustAnchors::add(ByteView certificate_der) {
  Bytes name;
  br_x509_decoder_context decoder;
  br_x509_decoder_init(&decoder, &append_name, &name);
  br_x509_decoder_push(&decoder, certificate_der.data(), certificate_der.size());
  const br_x509_pkey* key = br_x509_decoder_get_pkey(&decoder);
  if (key == nullptr) return false;
  Entry entry;
  entry.flags = br_x509_decoder_isCA(&decoder) != 0 ? BR_X509_TA_CA : 0;
  entry.key_type = key->key_type;
  entry.name = keep(name);
  if (key->key_type == BR_KEYTYPE_RSA) {
    entry.first = keep({key->key.rsa.n, key->key.rsa.nlen});
    entry.second = keep({key->key.rsa.e, key->key.rsa.elen});
  } else {
    entry.curve = key->key.ec.curve;
    entry.first = keep({key->key.ec.q, key->key.ec.qlen});
  }
  entries_.push_back(entry);
  return true;
}

void TrustAnchors::seal() {
  bytes_.shrink_to_fit();
  anchors_.reserve(entries_.size());
  for (const Entry& entry : entries_) {
    br_x509_trust_anchor anchor{};
    anchor.flags = entry.flags;
    anchor.dn = {at(entry.name), entry.name.size};
    anchor.pkey.key_type = entry.key_type;
    if (entry.key_type == BR_KEYTYPE_RSA) {
      anchor.pkey.key.rsa = {at(entry.first), entry.first.size, at(entry.second), entry.second.size};
    } else {
      anchor.pkey.key.ec = {entry.curve, at(entry.first), entry.first.size};
    }
    anchors_.push_back(anchor);
  }
  entries_ = std::vector<Entry>();
}

Result<std::shared_ptr<const TrustAnchors>> TrustStore::load(const std::string& pem_file) {
  if (auto loaded = loaded_[pem_file].lock()) return loaded;
  auto anchors = std::make_shared<TrustAnchors>();
  Status status = parse_pem_file(pem_file, [&](const PemObject& object) {
    if (object.name == "CERTIFICATE" || object.name == "X509 CERTIFICATE") anchors->add(object.der);
  });
  if (!status) return fail(Cause::tls, "CA file " + status.error().detail, status.error().code);
  anchors->seal();
  if (anchors->size() == 0) return fail(Cause::tls, "no usable certificate in CA file " + pem_file);
  std::shared_ptr<const TrustAnchors> out = std::move(anchors);
  loaded_[pem_file] = out;
  return out;
}

}  // namespace pigeond::net
