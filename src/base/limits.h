// Every cap on what comes from outside, in one place.
#pragma once

#include <cstddef>

#include "base/time.h"

namespace pigeond::limits {

inline constexpr std::size_t kFrameBody = (1u << 24) - 1;  // bytes; a frame's length has 24 bits
inline constexpr std::size_t kHandshakeFrame =
    64 * 1024;                                          // bytes; before the other side has proved who it is
inline constexpr std::size_t kRoutingInfo = 64 * 1024;  // bytes, in what a client sends first
inline constexpr std::size_t kInflatedNode = 16 * 1024 * 1024;  // bytes; whatsapp-rust stops there too
inline constexpr int kNodeDepth = 64;                           // nested lists
inline constexpr std::size_t kNodeAttributes = 1024;            // of one node; normal traffic has up to 20
inline constexpr std::size_t kNodeItems = 1u << 18;    // nodes and attributes together, in one stanza
inline constexpr int kProtoDepth = 32;                 // nested messages; normal traffic has 2 to 5
inline constexpr std::size_t kProtoItems = 1u << 17;   // list items in one message, history syncs included
inline constexpr std::size_t kHttpHead = 16 * 1024;    // bytes
inline constexpr std::size_t kHttpBody = 1024 * 1024;  // bytes; JSON without media
inline constexpr std::size_t kHttpLater = 4096;        // requests that are answered later, without a thread
inline constexpr std::size_t kHttpBegunBody = 16 * 1024;   // bytes; of what is parsed on the loop
inline constexpr std::size_t kHttpTarget = 4096;           // bytes of path and query
inline constexpr std::size_t kHttpPath = 2048;             // of these, the path
inline constexpr std::size_t kHttpHeader = 8000;           // bytes of one header, each % counted as three
inline constexpr std::size_t kHttpTrailers = 4096;         // bytes of a body's chunk extensions and trailers
inline constexpr std::size_t kHttpHeaders = 100;           // fields of one head
inline constexpr std::size_t kHttpConnections = 2048;      // to the front door
inline constexpr std::size_t kHttpPeerConnections = 1024;  // of one address
inline constexpr std::size_t kHttpQueue = 1024;            // requests that wait for a worker
inline constexpr std::size_t kHttpBodies = 32 * 1024 * 1024;    // bytes of request bodies, all together
inline constexpr std::size_t kHttpStreamBacklog = 1024 * 1024;  // bytes that wait for the reader of a stream
inline constexpr std::size_t kRefusedKeyPeers = 1024;           // remembered, that sent wrong API keys
inline constexpr Millis kRefusedKeyDelay = 5 * kSecond;  // the longest that the answer to one is held back
inline constexpr std::size_t kEventStreams = 1536;       // WebSockets and SSE, all together
inline constexpr std::size_t kPeerEventStreams = 1024;   // of one address
inline constexpr std::size_t kEventStreamAhead = 64 * 1024;  // bytes given to one that it has not taken yet
inline constexpr std::size_t kEventStreamHello = 1024;       // bytes of a message that it sends
inline constexpr std::size_t kEventFilter = 4096;            // bytes of the names that it asks for
inline constexpr std::size_t kApiKeys = 1000;                // made by people, beside the configured one
inline constexpr std::size_t kApiKeyName = 100;              // characters
inline constexpr std::size_t kApiKeySessions = 100;          // that one key is good for, by name
inline constexpr std::size_t kJsonDepth = 32;
inline constexpr std::size_t kWebSocketHello = 64 * 1024 + 1024;  // bytes of the first message of a link
inline constexpr std::size_t kWebSocketMessage = (1u << 24);      // bytes
inline constexpr std::size_t kStreamBuffer = (1u << 24) + 65536;  // bytes waiting for the other side to read
inline constexpr std::size_t kMessageId = 64;                     // characters of an id that a caller chose
inline constexpr std::size_t kHttpResponseBody = 64 * 1024;  // bytes kept, or read and dropped, of an answer
inline constexpr std::size_t kServiceWorker =
    4 * 1024 * 1024;  // bytes of the web client's, in which its version stands
inline constexpr std::size_t kInterimResponses = 16;     // 1xx before the answer
inline constexpr std::size_t kIdleConnections = 64;      // kept open by an HTTP client, to all hosts together
inline constexpr std::size_t kNetworks = 256;            // in a list of networks
inline constexpr std::size_t kText = 65536;              // characters of a text message
inline constexpr std::size_t kPlaceName = 1000;          // characters of what is said of a place
inline constexpr std::size_t kContacts = 256;            // cards in one message
inline constexpr std::size_t kVcard = 256 * 1024;        // bytes of a card that is sent
inline constexpr std::size_t kCardField = 500;           // characters of a name or number in one
inline constexpr std::size_t kPreviewPage = 512 * 1024;  // bytes of a page that are looked at for its title
inline constexpr std::size_t kRawPart = 64 * 1024;       // bytes of what is told as it came
inline constexpr std::size_t kSessions = 1000;
inline constexpr int kWebhookTimeout = 300;                    // seconds that one try may be given
inline constexpr int kWebhookConnections = 32;                 // at once for one webhook
inline constexpr int kWebhookBatch = 100;                      // events in one call
inline constexpr std::size_t kWebhookBatchBytes = 256 * 1024;  // of their bodies; one event is always taken
inline constexpr std::size_t kWebhookCalls = 256;              // under way at once, of all webhooks
inline constexpr std::size_t kWebhookCallsOfHost = 64;         // of these to one host
inline constexpr std::size_t kWebhookTroubles = 256;  // calls of one URL that wait for their next try
inline constexpr std::size_t kWebhookReason = 200;    // bytes kept of why a delivery failed
inline constexpr std::size_t kFormerWebhooks = 64;    // of a session: URLs whose deliveries are still kept
inline constexpr std::size_t kSessionName = 54;       // characters
inline constexpr std::size_t kOutbox = 10000;         // messages of an account not yet acknowledged
inline constexpr std::size_t kPendingIqs = 256;       // a connection
inline constexpr std::size_t kSessionConfig = 64 * 1024;  // bytes of a session's `config`
inline constexpr std::size_t kMetadata = 64;              // entries of a session's metadata
inline constexpr std::size_t kMetadataBytes = 8 * 1024;   // bytes of their names and values
inline constexpr std::size_t kWebhooks = 16;              // a session
inline constexpr std::size_t kWebhookEvents = 64;         // names in one webhook
inline constexpr std::size_t kWebhookHeaders = 32;        // custom headers of one webhook
inline constexpr std::size_t kWebhookUrl = 2048;          // bytes
inline constexpr std::size_t kHeaderValue = 4096;  // bytes; name and value of a custom header, HMAC key
inline constexpr int kWebhookQueue = 10000;        // pending for one URL; then the oldest become dead letters
inline constexpr int kDeadLetters = 10000;         // kept of one URL; the oldest go first
inline constexpr int kWebhookLog = 200;  // delivered events kept of one URL, to be looked up or replayed
inline constexpr std::size_t kWebhookReplay = 500;   // deliveries in one call
inline constexpr std::size_t kListLimit = 1000;      // entries of one page of a list
inline constexpr std::size_t kIdempotencyKey = 255;  // bytes of one
inline constexpr std::size_t kExpiry =
    30 * 24 * 3600;                                  // seconds a message may wait, where it is given a time
inline constexpr std::size_t kPendingSends = 10000;  // callers of one session that wait for an answer
inline constexpr std::size_t kImageChunks =
    4096;  // looked at in one image, until what is wanted of it stands there
inline constexpr std::size_t kMp4Boxes = 16384;  // of one film, of those that are looked at or passed over
inline constexpr std::size_t kMp4Tracks = 64;
inline constexpr std::size_t kOggPages =
    1u << 18;  // read of one file; an hour of a voice note has 3600 to 180,000
inline constexpr std::size_t kOggPacket = 64 * 1024;    // bytes; what is longer is a comment's, and not kept
inline constexpr std::size_t kAudioFrames = 1u << 20;   // counted in one file; an hour of MP3 has 138,000
inline constexpr std::size_t kWaveformSeconds = 3600;   // what follows is not decoded
inline constexpr std::size_t kPdfLook = 64 * 1024;      // bytes of each end of a document
inline constexpr std::size_t kJpegPixels = 256u << 20;  // of an image that a thumbnail is made of
inline constexpr std::size_t kJpegMemory = 48u << 20;  // bytes of coefficients, where scans follow each other
inline constexpr int kJpegScans = 40;                  // of a progressive image; encoders make 10 to 20
inline constexpr std::size_t kThumbnail = 8 * 1024;    // bytes

}  // namespace pigeond::limits
