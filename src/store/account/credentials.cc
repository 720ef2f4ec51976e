#include "store/account/credentials.h"

#include "store/columns.h"

namespace pigeond::store {
namespace {

wire::Jid read_jid(Database& database, const Statement& row, int column) {
  const std::string text = row.text(column);
  if (text.empty()) return {};
  auto jid = wire::parse_jid(text);
  if (!jid) {
    database.fail_unit(fail(Cause::storage, "a stored JID does not parse"));
    return {};
  }
  return *jid;
}

std::string jid_text(const wire::Jid& jid) {
  return jid.empty() ? std::string() : jid.text();
}

}  // namespace

std::optional<Credentials> CredentialsTable::load() {
  auto row = database_.prepare(
      "SELECT noise_private, identity_private, registration_id, adv_secret, signed_pre_key_id, "
      "signed_pre_key_created,"
      " next_pre_key_id, pre_keys_on_server, pre_keys_uploaded_ms, pn, lid, device_identity, push_name, "
      "platform,"
      " business_name, routing_info, login_count, linked_ms, companion_meta_nonce, lid_migrated"
      " FROM credentials WHERE session_id = ?");
  if (!row.bind(session_).step()) return std::nullopt;
  Credentials out;
  out.noise = crypto::key_pair_from_private(fixed<32>(database_, row, 0));
  out.identity = crypto::key_pair_from_private(fixed<32>(database_, row, 1));
  out.registration_id = static_cast<std::uint32_t>(row.integer(2));
  out.adv_secret = fixed<32>(database_, row, 3);
  out.signed_pre_key_id = static_cast<std::uint32_t>(row.integer(4));
  out.signed_pre_key_created = row.integer(5);
  out.next_pre_key_id = static_cast<std::uint32_t>(row.integer(6));
  out.pre_keys_on_server = row.integer(7) != 0;
  out.pre_keys_uploaded_ms = row.integer(8);
  out.pn = read_jid(database_, row, 9);
  out.lid = read_jid(database_, row, 10);
  out.device_identity = row.blob(11);
  out.push_name = row.text(12);
  out.platform = row.text(13);
  out.business_name = row.text(14);
  out.routing_info = row.blob(15);
  out.login_count = static_cast<std::uint32_t>(row.integer(16));
  out.linked_ms = row.integer(17);
  out.companion_meta_nonce = row.text(18);
  out.lid_migrated = row.integer(19) != 0;
  return out;
}

std::optional<AccountName> CredentialsTable::name() {
  auto row = database_.prepare("SELECT pn, lid, push_name FROM credentials WHERE session_id = ?");
  if (!row.bind(session_).step()) return std::nullopt;
  AccountName out{read_jid(database_, row, 0), read_jid(database_, row, 1), row.text(2)};
  if (out.pn.empty()) return std::nullopt;
  return out;
}

void CredentialsTable::save(const Credentials& credentials) {
  const std::string pn = jid_text(credentials.pn);
  const std::string lid = jid_text(credentials.lid);
  database_
      .prepare(
          "INSERT OR REPLACE INTO credentials (noise_private, identity_private, registration_id, adv_secret,"
          " signed_pre_key_id, signed_pre_key_created, next_pre_key_id, pre_keys_on_server, "
          "pre_keys_uploaded_ms, pn, lid,"
          " device_identity, push_name, platform, business_name, routing_info, login_count, linked_ms, "
          "companion_meta_nonce, lid_migrated, session_id)"
          " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(ByteView(credentials.noise.priv))
      .bind(ByteView(credentials.identity.priv))
      .bind(credentials.registration_id)
      .bind(ByteView(credentials.adv_secret))
      .bind(credentials.signed_pre_key_id)
      .bind(credentials.signed_pre_key_created)
      .bind(credentials.next_pre_key_id)
      .bind(credentials.pre_keys_on_server ? 1 : 0)
      .bind(credentials.pre_keys_uploaded_ms)
      .bind(pn)
      .bind(lid)
      .bind(credentials.device_identity)
      .bind(credentials.push_name)
      .bind(credentials.platform)
      .bind(credentials.business_name)
      .bind(credentials.routing_info)
      .bind(credentials.login_count)
      .bind(credentials.linked_ms)
      .bind(credentials.companion_meta_nonce)
      .bind(credentials.lid_migrated ? 1 : 0)
      .bind(session_)
      .run();
}

}  // namespace pigeond::store
