#include "wire/certificate.h"

#include "wire/proto.h"

namespace pigeond::wire {

const Key32 kWhatsAppRootKey = {0x14, 0x23, 0x75, 0x57, 0x4d, 0x0a, 0x58, 0x71, 0x66, 0xaa, 0xe7,
                                0x1e, 0xbe, 0x51, 0x64, 0x37, 0xc4, 0xa2, 0x8b, 0x73, 0xe3, 0x69,
                                0x5c, 0x6c, 0xe1, 0xf7, 0xf9, 0x54, 0x5d, 0xa8, 0xee, 0x6b};

namespace {

using Certificate = wa_CertChain_NoiseCertificate;
using Details = wa_CertChain_NoiseCertificate_Details;

constexpr std::uint32_t kRootSerial = 0;

// The details of a certificate whose signature holds and whose key has the right size.
Result<Details> open_certificate(const Certificate& certificate, ByteView issuer_key, const std::string& name,
                                 const std::string& issuer) {
  if (!crypto::verify(issuer_key, certificate.details, certificate.signature))
    return fail(Cause::bad_signature, name + " certificate: not signed with " + issuer);
  PIGEOND_TRY(auto details, proto::decode<Details>(certificate.details));
  if (details.key.size() != 32) return fail(Cause::bad_signature, name + " certificate: key size");
  return Result<Details>(std::move(details));
}

Status check_time(const Details& details, std::int64_t unix_now, const std::string& name) {
  const auto now = static_cast<std::uint64_t>(unix_now < 0 ? 0 : unix_now);
  if (now < details.notBefore)
    return fail(Cause::bad_signature, name + " certificate is not valid yet: is this machine's clock right?");
  if (now > details.notAfter)
    return fail(Cause::bad_signature, name + " certificate has run out: is this machine's clock right?");
  return {};
}

Details make_details(std::uint32_t serial, std::uint32_t issuer, const Key32& key, std::int64_t not_before,
                     std::int64_t not_after) {
  Details details{};
  details.has_serial = details.has_issuerSerial = details.has_notBefore = details.has_notAfter = true;
  details.serial = serial;
  details.issuerSerial = issuer;
  details.key = to_bytes(key);
  details.notBefore = static_cast<std::uint64_t>(not_before);
  details.notAfter = static_cast<std::uint64_t>(not_after);
  return details;
}

Certificate issue(const Details& details, const Key32& issuer_priv, Random& random) {
  Certificate certificate{};
  certificate.details = proto::encode(details);
  certificate.signature = to_bytes(crypto::sign(issuer_priv, certificate.details, random));
  return certificate;
}

}  // namespace

Status verify_certificate_chain(ByteView chain, const Key32& root_key, const Key32& static_key,
                                std::int64_t unix_now) {
  PIGEOND_TRY(const auto parts, proto::decode<wa_CertChain>(chain));
  if (!parts.has_leaf || !parts.has_intermediate || parts.leaf.details.empty() ||
      parts.intermediate.details.empty())
    return fail(Cause::bad_signature, "certificate chain: a part is missing");
  PIGEOND_TRY(const auto intermediate,
              open_certificate(parts.intermediate, root_key, "intermediate", "the configured root_key"));
  if (intermediate.issuerSerial != kRootSerial)
    return fail(Cause::bad_signature, "intermediate certificate: not issued by the root");
  PIGEOND_TRY(const auto leaf,
              open_certificate(parts.leaf, intermediate.key, "leaf", "the intermediate's key"));
  PIGEOND_CHECK(check_time(intermediate, unix_now, "intermediate"));
  PIGEOND_CHECK(check_time(leaf, unix_now, "leaf"));
  if (leaf.issuerSerial != intermediate.serial)
    return fail(Cause::bad_signature, "leaf certificate: not issued by the intermediate");
  if (!equal_constant_time(leaf.key, static_key))
    return fail(Cause::bad_signature, "leaf certificate: not for this server's key");
  return {};
}

Bytes issue_certificate_chain(const CertificateAuthority& authority, const Key32& leaf_key,
                              std::int64_t not_before, std::int64_t not_after, Random& random) {
  wa_CertChain chain{};
  chain.has_leaf = chain.has_intermediate = true;
  chain.intermediate = issue(make_details(authority.intermediate_serial, kRootSerial,
                                          authority.intermediate.pub, not_before, not_after),
                             authority.root.priv, random);
  chain.leaf = issue(
      make_details(authority.leaf_serial, authority.intermediate_serial, leaf_key, not_before, not_after),
      authority.intermediate.priv, random);
  return proto::encode(chain);
}

}  // namespace pigeond::wire
