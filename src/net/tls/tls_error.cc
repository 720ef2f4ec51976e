#include <bearssl.h>

#include <string>

#include "net/tls/tls_verifier.h"

namespace pigeond::net {
namespace {

std::string alert_text(int alert) {
  switch (alert) {
    case 40:
      return "handshake failure";
    case 42:
      return "bad certificate";
    case 45:
      return "certificate expired";
    case 46:
      return "certificate unknown";
    case 48:
      return "unknown certificate authority";
    case 70:
      return "protocol version";
    case 80:
      return "internal error";
    case 112:
      return "unrecognized name";
    default:
      return "alert " + std::to_string(alert);
  }
}

}  // namespace

std::string tls_error_text(int code) {
  if (code >= BR_ERR_SEND_FATAL_ALERT)
    return "refused with TLS alert: " + alert_text(code - BR_ERR_SEND_FATAL_ALERT);
  if (code >= BR_ERR_RECV_FATAL_ALERT)
    return "TLS alert received: " + alert_text(code - BR_ERR_RECV_FATAL_ALERT);
  switch (code) {
    case BR_ERR_UNSUPPORTED_VERSION:
      return "the other side does not speak TLS 1.2, or no TLS at all";
    case BR_ERR_BAD_VERSION:
    case BR_ERR_UNKNOWN_TYPE:
      return "the other side does not speak TLS";
    case BR_ERR_BAD_LENGTH:
    case BR_ERR_TOO_LARGE:
      return "TLS record of invalid length";
    case BR_ERR_BAD_MAC:
      return "TLS record with a bad MAC";
    case BR_ERR_BAD_CIPHER_SUITE:
      return "no common cipher suite";
    case BR_ERR_X509_EXPIRED:
      return "certificate has expired or is not valid yet";
    case BR_ERR_X509_BAD_SERVER_NAME:
      return "certificate is for another name";
    case BR_ERR_X509_NOT_TRUSTED:
      return "certificate does not lead to a trusted authority";
    case BR_ERR_X509_BAD_SIGNATURE:
      return "certificate with a bad signature";
    case BR_ERR_X509_NOT_CA:
      return "certificate issued by one that is no authority";
    case BR_ERR_X509_DN_MISMATCH:
      return "certificate chain does not link up";
    case BR_ERR_X509_CRITICAL_EXTENSION:
      return "certificate with an unknown critical extension";
    case BR_ERR_X509_FORBIDDEN_KEY_USAGE:
      return "certificate whose key is not for this use";
    case BR_ERR_X509_WEAK_PUBLIC_KEY:
      return "certificate with too short a key";
    default:
      return "TLS error " + std::to_string(code);
  }
}

}  // namespace pigeond::net
