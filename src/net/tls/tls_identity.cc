#include "net/tls/tls_identity.h"

#include <algorithm>
#include <array>

#include "net/tls/pem.h"

namespace pigeond::net {
namespace {

bool same(ByteView a, ByteView b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

bool is_key_of(const br_skey_decoder_context& key, const br_x509_pkey& certified) {
  if (br_skey_decoder_key_type(&key) != certified.key_type) return false;
  if (certified.key_type == BR_KEYTYPE_RSA) {
    const br_rsa_private_key* rsa = br_skey_decoder_get_rsa(&key);
    const br_rsa_compute_modulus compute = br_rsa_compute_modulus_get_default();
    Bytes modulus(compute(nullptr, rsa));
    compute(modulus.data(), rsa);
    return same(modulus, {certified.key.rsa.n, certified.key.rsa.nlen});
  }
  br_ec_public_key computed;
  std::array<unsigned char, BR_EC_KBUF_PUB_MAX_SIZE> point;
  const std::size_t size =
      br_ec_compute_pub(br_ec_get_default(), &computed, point.data(), br_skey_decoder_get_ec(&key));
  return same({point.data(), size}, {certified.key.ec.q, certified.key.ec.qlen});
}

Result<std::unique_ptr<TlsIdentity::Data>> finish(std::vector<Bytes> chain, std::vector<PemObject> keys) {
  auto data = std::make_unique<TlsIdentity::Data>();
  data->certificates = std::move(chain);
  if (data->certificates.empty()) return fail(Cause::tls, "no certificate in the chain file");
  for (Bytes& der : data->certificates) data->chain.push_back({der.data(), der.size()});

  br_x509_decoder_context decoder;
  br_x509_decoder_init(&decoder, nullptr, nullptr);
  br_x509_decoder_push(&decoder, data->certificates[0].data(), data->certificates[0].size());
  const br_x509_pkey* leaf_key = br_x509_decoder_get_pkey(&decoder);
  if (leaf_key == nullptr) return fail(Cause::tls, "first certificate of the chain file does not parse");
  data->issuer_key_type = static_cast<unsigned>(br_x509_decoder_get_signer_key_type(&decoder));

  bool found = false;
  for (const PemObject& object : keys) {
    if (object.name.find("PRIVATE KEY") == std::string::npos) continue;  // e.g. EC PARAMETERS
    br_skey_decoder_init(&data->key);
    br_skey_decoder_push(&data->key, object.der.data(), object.der.size());
    if (br_skey_decoder_last_error(&data->key) != 0) return fail(Cause::tls, "private key does not parse");
    found = true;
    break;
  }
  if (!found) return fail(Cause::tls, "no private key in the key file");
  if (!is_key_of(data->key, *leaf_key))
    return fail(Cause::tls, "private key does not belong to the certificate");
  return data;
}

Result<std::shared_ptr<const TlsIdentity>> assemble(Status chain_status, std::vector<Bytes> chain,
                                                    Status key_status, std::vector<PemObject> keys) {
  if (!chain_status) return fail(Cause::tls, "certificate chain: " + chain_status.error().detail);
  if (!key_status) return fail(Cause::tls, "private key: " + key_status.error().detail);
  PIGEOND_TRY(auto data, finish(std::move(chain), std::move(keys)));
  return std::shared_ptr<const TlsIdentity>(std::make_shared<TlsIdentity>(std::move(data)));
}

}  // namespace

TlsIdentity::TlsIdentity(std::unique_ptr<Data> data) : data_(std::move(data)) {}

TlsIdentity::~TlsIdentity() = default;

Result<std::shared_ptr<const TlsIdentity>> TlsIdentity::parse(std::string_view chain_pem,
                                                              std::string_view key_pem) {
  std::vector<Bytes> chain;
  std::vector<PemObject> keys;
  Status chain_status = parse_pem(as_bytes(chain_pem), [&](PemObject object) {
    if (object.name == "CERTIFICATE") chain.push_back(std::move(object.der));
  });
  Status key_status =
      parse_pem(as_bytes(key_pem), [&](PemObject object) { keys.push_back(std::move(object)); });
  return assemble(std::move(chain_status), std::move(chain), std::move(key_status), std::move(keys));
}

Result<std::shared_ptr<const TlsIdentity>> TlsIdentity::load(const std::string& chain_file,
                                                             const std::string& key_file) {
  std::vector<Bytes> chain;
  std::vector<PemObject> keys;
  Status chain_status = parse_pem_file(chain_file, [&](PemObject object) {
    if (object.name == "CERTIFICATE") chain.push_back(std::move(object.der));
  });
  Status key_status = parse_pem_file(key_file, [&](PemObject object) { keys.push_back(std::move(object)); });
  return assemble(std::move(chain_status), std::move(chain), std::move(key_status), std::move(keys));
}

}  // namespace pigeond::net
