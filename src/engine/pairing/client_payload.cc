#include "engine/pairing/client_payload.h"

#include "base/text.h"
#include "crypto/hash.h"
#include "engine/pairing/companion.h"
#include "wire/proto.h"

namespace pigeond::engine {
namespace {

// What whatsmeow and Baileys say of themselves; a server refuses what it doesn't know (failure 409, 418).
void describe_client(const ClientProfile& profile, wa_ClientPayload& payload) {
  payload.has_userAgent = true;
  auto& agent = payload.userAgent;
  agent.has_platform = true;
  agent.platform = wa_ClientPayload_UserAgent_Platform_WEB;
  agent.has_appVersion = true;
  agent.appVersion.has_primary = agent.appVersion.has_secondary = agent.appVersion.has_tertiary = true;
  agent.appVersion.primary = profile.version.primary;
  agent.appVersion.secondary = profile.version.secondary;
  agent.appVersion.tertiary = profile.version.revision;
  agent.mcc = agent.mnc = "000";
  agent.osVersion = agent.osBuildNumber = "0.1";
  agent.device = "Desktop";
  agent.has_releaseChannel = true;
  agent.releaseChannel = wa_ClientPayload_UserAgent_ReleaseChannel_RELEASE;
  agent.localeLanguageIso6391 = "en";
  agent.localeCountryIso31661Alpha2 = "US";

  payload.has_webInfo = true;
  payload.webInfo.has_webSubPlatform = true;
  payload.webInfo.webSubPlatform = wa_ClientPayload_WebInfo_WebSubPlatform_WEB_BROWSER;
  payload.has_connectType = payload.has_connectReason = true;
  payload.connectType = wa_ClientPayload_ConnectType_WIFI_UNKNOWN;
  payload.connectReason = wa_ClientPayload_ConnectReason_USER_ACTIVATED;
}

// How much history the phone sends is decided here, once: it can't be changed without linking again. What is
// supported is told exactly as whatsmeow tells it (store/clientpayload.go): devices whose properties were out
// of date were removed some seconds after they were linked (whatsmeow #993, #994).
Bytes device_props(const ClientProfile& profile) {
  wa_DeviceProps props{};
  props.os = profile.device_name;
  props.has_version = props.version.has_primary = props.version.has_secondary = props.version.has_tertiary =
      true;
  props.version.primary = 0;
  props.version.secondary = 1;
  props.version.tertiary = 0;
  props.has_platformType = true;
  static_assert(kCompanionDevice == wa_DeviceProps_PlatformType_CHROME);
  props.platformType = wa_DeviceProps_PlatformType_CHROME;
  props.has_requireFullSync = true;
  props.requireFullSync = false;
  props.has_historySyncConfig = true;
  auto& history = props.historySyncConfig;
  history.has_storageQuotaMb = true;
  history.storageQuotaMb = 10240;
  history.has_inlineInitialPayloadInE2EeMsg = history.inlineInitialPayloadInE2EeMsg = true;
  history.has_supportCallLogHistory = history.supportCallLogHistory = true;
  history.has_supportBotUserAgentChatHistory = history.supportBotUserAgentChatHistory = true;
  history.has_supportCagReactionsAndPolls = history.supportCagReactionsAndPolls = true;
  history.has_supportBizHostedMsg = history.supportBizHostedMsg = true;
  history.has_supportRecentSyncChunkMessageCountTuning = history.supportRecentSyncChunkMessageCountTuning =
      true;
  history.has_supportHostedGroupMsg = history.supportHostedGroupMsg = true;
  history.has_supportFbidBotChatHistory = history.supportFbidBotChatHistory = true;
  history.has_supportMessageAssociation = history.supportMessageAssociation = true;
  history.has_supportGroupHistory = history.supportGroupHistory = true;
  history.has_thumbnailSyncDaysLimit = true;
  history.thumbnailSyncDaysLimit = 60;
  history.has_supportManusHistory = history.supportManusHistory = true;
  history.has_supportHatchHistory = history.supportHatchHistory = true;
  return wire::proto::encode(props);
}

Bytes big_endian(std::uint64_t value, unsigned width) {
  Bytes out;
  append_be(out, value, width);
  return out;
}

}  // namespace

std::array<std::uint8_t, 16> build_hash(const std::string& version_text) {
  return crypto::md5(as_bytes(version_text));
}

Bytes login_payload(const ClientProfile& profile, const store::Credentials& credentials) {
  wa_ClientPayload payload{};
  describe_client(profile, payload);
  payload.has_username = true;
  payload.username = parse_unsigned(credentials.pn.user).value_or(0);
  payload.has_device = true;
  payload.device = credentials.pn.device;
  // The server holds traffic back until <active/>, by when the pre-keys are in order (whatsmeow does so).
  payload.has_passive = payload.passive = true;
  payload.has_pull = payload.pull = true;
  // The web client counts its logins; a number that stays the same goes with sessions that hear nothing
  // (whatsapp-rust 8b11141b).
  payload.has_lc = true;
  payload.lc = static_cast<std::int32_t>(credentials.login_count);
  // True of us: sessions are kept under the LID wherever one is known.
  payload.has_lidDbMigrated = payload.lidDbMigrated = true;
  return wire::proto::encode(payload);
}

Bytes registration_payload(const ClientProfile& profile, const store::Credentials& credentials,
                           const store::SignedPreKeyRow& signed_pre_key) {
  wa_ClientPayload payload{};
  describe_client(profile, payload);
  payload.has_passive = payload.has_pull = true;
  payload.passive = payload.pull = false;
  payload.has_devicePairingData = true;
  auto& data = payload.devicePairingData;
  data.eRegid = big_endian(credentials.registration_id, 4);
  data.eKeytype = {5};
  data.eIdent = to_bytes(credentials.identity.pub);
  data.eSkeyID = big_endian(signed_pre_key.id, 3);
  data.eSkeyVal = to_bytes(signed_pre_key.key.pub);
  data.eSkeySig = to_bytes(signed_pre_key.signature);
  data.buildHash = to_bytes(build_hash(profile.version.text()));
  data.deviceProps = device_props(profile);
  return wire::proto::encode(payload);
}

}  // namespace pigeond::engine
