// How `pigeond sandbox` is told what to do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sandbox/world.h"

namespace pigeond::sandbox {

struct Options {
  std::string listen = "127.0.0.1";       // for ws, wss and control
  std::uint16_t ws_port = 0;              // 0: any free one
  std::optional<std::uint16_t> wss_port;  // absent: no wss; needs tls_cert and tls_key
  std::uint16_t control_port = 0;
  std::string tls_cert, tls_key;  // PEM files
  std::string root_seed;          // the same seed gives the same root key; empty: a random one
  Policy policy;
};

// Where everything is once it listens.
struct Endpoints {
  std::string ws;         // ws://127.0.0.1:8080/ws/chat
  std::string wss;        // empty without TLS
  std::string media;      // http://127.0.0.1:8082, its media servers
  std::string media_tls;  // https://127.0.0.1:8083; empty without TLS
  std::string control;    // http://127.0.0.1:8081
  std::string root_key;   // of the certificates, 64 hex digits
};

}  // namespace pigeond::sandbox
