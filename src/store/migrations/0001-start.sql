-- The first schema. Times are Unix milliseconds in columns that end in _ms, Unix seconds elsewhere.
-- JIDs are texts. Everything that belongs to a gateway session goes with its row.

CREATE TABLE session (
  id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used twice: an id left in memory can't mean another session
  name TEXT NOT NULL UNIQUE,
  config TEXT NOT NULL,                  -- the caller's JSON, as it came
  running INTEGER NOT NULL,              -- whether it shall run, not whether it does
  created_ms INTEGER NOT NULL
);

-- One companion device; filled in part before it is linked.
CREATE TABLE credentials (
  session_id INTEGER PRIMARY KEY REFERENCES session(id) ON DELETE CASCADE,
  noise_private BLOB NOT NULL CHECK (length(noise_private) = 32),
  identity_private BLOB NOT NULL CHECK (length(identity_private) = 32),
  registration_id INTEGER NOT NULL,
  adv_secret BLOB NOT NULL CHECK (length(adv_secret) = 32),
  signed_pre_key_id INTEGER NOT NULL,    -- the current one, in signed_pre_key
  signed_pre_key_created INTEGER NOT NULL,
  next_pre_key_id INTEGER NOT NULL,
  pre_keys_on_server INTEGER NOT NULL,   -- whether an upload was ever confirmed
  pre_keys_uploaded_ms INTEGER NOT NULL, -- when the last upload was confirmed; 0: never
  pn TEXT NOT NULL,                      -- with device; empty until linked
  lid TEXT NOT NULL,
  device_identity BLOB NOT NULL,         -- ADVSignedDeviceIdentity with the account's signature key
  push_name TEXT NOT NULL,
  platform TEXT NOT NULL,
  business_name TEXT NOT NULL,
  routing_info BLOB NOT NULL,
  login_count INTEGER NOT NULL,
  linked_ms INTEGER NOT NULL             -- 0: not linked
);

CREATE TABLE signal_session (
  session_id INTEGER NOT NULL REFERENCES session(id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  device INTEGER NOT NULL,
  record BLOB NOT NULL,
  PRIMARY KEY (session_id, name, device)
);

CREATE TABLE signal_identity (
  session_id INTEGER NOT NULL REFERENCES session(id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  device INTEGER NOT NULL,
  key BLOB NOT NULL CHECK (length(key) = 32),
  PRIMARY KEY (session_id, name, device)
) WITHOUT ROWID;

CREATE TABLE pre_key (
  session_id INTEGER NOT NULL REFERENCES session(id) ON DELETE CASCADE,
  id INTEGER NOT NULL CHECK (id BETWEEN 1 AND 16777215),
  private BLOB NOT NULL CHECK (length(private) = 32),
  public BLOB NOT NULL CHECK (length(public) = 32),
  uploaded INTEGER NOT NULL DEFAULT 0,   -- 0: only here; 1: the server has it, or one peer got it
  PRIMARY KEY (session_id, id)
) WITHOUT ROWID;

CREATE TABLE signed_pre_key (
  session_id INTEGER NOT NULL REFERENCES session(id) ON DELETE CASCADE,
  id INTEGER NOT NULL,
  private BLOB NOT NULL CHECK (length(private) = 32),
  public BLOB NOT NULL CHECK (length(public) = 32),
  signature BLOB NOT NULL CHECK (length(signature) = 64),
  created INTEGER NOT NULL,
  PRIMARY KEY (session_id, id)
) WITHOUT ROWID;

CREATE TABLE sender_key (
  session_id INTEGER NOT NULL REFERENCES session(id) ON DELETE CASCADE,
  chat TEXT NOT NULL,
  name TEXT NOT NULL,
  device INTEGER NOT NULL,
  record BLOB NOT NULL,
  PRIMARY KEY (session_id, chat, name, device)
);

-- User parts only: "4711" <-> "123456789". Devices are not part of the mapping.
CREATE TABLE lid_mapping (
  session_id INTEGER NOT NULL REFERENCES session(id) ON DELETE CASCADE,
  lid TEXT NOT NULL,
  pn TEXT NOT NULL,
  PRIMARY KEY (session_id, lid),
  UNIQUE (session_id, pn)
) WITHOUT ROWID;

CREATE TABLE device_list (
  session_id INTEGER NOT NULL REFERENCES session(id) ON DELETE CASCADE,
  user TEXT NOT NULL,                    -- user JID, PN or LID
  devices TEXT NOT NULL,                 -- see device_lists.h
  raw_id INTEGER NOT NULL,               -- of the ADV key index list: another one means a new registration; 0: unknown
  timestamp INTEGER NOT NULL,            -- of the key index list; 0: unknown
  updated_ms INTEGER NOT NULL,
  PRIMARY KEY (session_id, user)
) WITHOUT ROWID;

-- What was said, both ways. `content` is the serialised protobuf Message: retries, quotes and what the API shows are
-- made from it. chat and sender are as the stanza named them; a user's other form is in lid_mapping.
CREATE TABLE message (
  seq INTEGER PRIMARY KEY,               -- order of arrival
  session_id INTEGER NOT NULL REFERENCES session(id) ON DELETE CASCADE,
  id TEXT NOT NULL,
  chat TEXT NOT NULL,                    -- user JID without device, or group
  sender TEXT NOT NULL,                  -- device JID
  from_me INTEGER NOT NULL,
  from_api INTEGER NOT NULL,             -- 1: sent through this gateway, 0: heard from the service
  timestamp INTEGER NOT NULL,            -- the service's
  type TEXT NOT NULL,
  content BLOB NOT NULL,
  ack INTEGER NOT NULL                   -- -1 error, 0 pending, 1 server, 2 device, 3 read, 4 played; never goes down
);
CREATE INDEX message_by_id ON message (session_id, id);
CREATE INDEX message_by_chat ON message (session_id, chat, seq);

-- How far one device or user is with a message of ours.
CREATE TABLE message_recipient (
  session_id INTEGER NOT NULL REFERENCES session(id) ON DELETE CASCADE,
  id TEXT NOT NULL,
  device TEXT NOT NULL,                  -- device JID
  delivered INTEGER NOT NULL DEFAULT 0,  -- when; 0: not yet
  read INTEGER NOT NULL DEFAULT 0,
  retries INTEGER NOT NULL DEFAULT 0,    -- times it was sent again on this device's request
  base_key BLOB,                         -- of the session at its second request: the same one at the third is broken
  PRIMARY KEY (session_id, id, device)
) WITHOUT ROWID;

-- Accepted and not yet acknowledged by the service; worked off in the order of seq, one chat after the other.
-- The content is in `message`. A stanza that was once encrypted is sent again as it is: its ratchet steps are taken.
-- One tree and no index: each page more is one more written twice for every message.
CREATE TABLE outbox (
  session_id INTEGER NOT NULL REFERENCES session(id) ON DELETE CASCADE,
  seq INTEGER NOT NULL,                  -- never used twice while the process runs
  id TEXT NOT NULL,                      -- unique in the session: the engine sees to it
  chat TEXT NOT NULL,                    -- as asked for: user JID
  stanza BLOB,                           -- the encoded node; null: not encrypted yet
  phash TEXT NOT NULL DEFAULT '',        -- over the devices it was encrypted for
  attempts INTEGER NOT NULL DEFAULT 0,   -- times it was written
  created_ms INTEGER NOT NULL,
  PRIMARY KEY (session_id, seq)
) WITHOUT ROWID;

-- Retry receipts that we sent for a message we could not read.
CREATE TABLE retry (
  session_id INTEGER NOT NULL REFERENCES session(id) ON DELETE CASCADE,
  chat TEXT NOT NULL,
  sender TEXT NOT NULL,
  id TEXT NOT NULL,
  count INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  PRIMARY KEY (session_id, chat, sender, id)
) WITHOUT ROWID;

-- Privacy tokens: what a user gave us, and when ours was last given.
CREATE TABLE privacy_token (
  session_id INTEGER NOT NULL REFERENCES session(id) ON DELETE CASCADE,
  user TEXT NOT NULL,
  token BLOB,
  timestamp INTEGER NOT NULL DEFAULT 0,
  issued INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (session_id, user)
) WITHOUT ROWID;

-- Events on their way to a webhook: one row for each URL, deleted when it was taken or given up.
CREATE TABLE webhook_delivery (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  session_id INTEGER NOT NULL REFERENCES session(id) ON DELETE CASCADE,
  url TEXT NOT NULL,
  event_id TEXT NOT NULL,
  body TEXT NOT NULL,                    -- JSON, exactly as it is signed and sent
  created_ms INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_try_ms INTEGER NOT NULL DEFAULT 0,
  cause TEXT NOT NULL DEFAULT ''
);
CREATE INDEX webhook_delivery_by_queue ON webhook_delivery (session_id, url, seq);
