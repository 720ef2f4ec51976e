-- What the account's phone tells of its history, and what is kept of it: not messages, but what later ones need.

-- A notification, until it is worked off; see store/account/history.h
CREATE TABLE history_notification (
  id INTEGER PRIMARY KEY,                -- the order of work
  session_id INTEGER NOT NULL REFERENCES session(id) ON DELETE CASCADE,
  stanza_id TEXT NOT NULL,               -- of the message that told
  kind INTEGER NOT NULL,                 -- HistorySyncType
  chunk INTEGER NOT NULL,
  state INTEGER NOT NULL,                -- 0: wanted, 1: asked for again, 2: read, and the phone is to be told
  asks INTEGER NOT NULL,
  payload BLOB NOT NULL,                 -- the content, if it came along
  path TEXT NOT NULL,                    -- on the media servers
  media_key BLOB NOT NULL,
  sha256 BLOB NOT NULL,
  enc_sha256 BLOB NOT NULL,
  handle TEXT NOT NULL,                  -- for deleting it there
  added INTEGER NOT NULL                 -- unix seconds
);
CREATE INDEX history_notification_by_session ON history_notification (session_id, state);

-- How people call themselves.
CREATE TABLE push_name (
  session_id INTEGER NOT NULL REFERENCES session(id) ON DELETE CASCADE,
  user TEXT NOT NULL,                    -- JID without device: the LID where it is known, else the PN
  name TEXT NOT NULL,
  PRIMARY KEY (session_id, user)
) WITHOUT ROWID;

-- From which keys for votes, edits and reactions to messages are made that are not stored themselves.
CREATE TABLE message_secret (
  session_id INTEGER NOT NULL REFERENCES session(id) ON DELETE CASCADE,
  chat TEXT NOT NULL,                    -- JIDs without device: LIDs where they are known
  id TEXT NOT NULL,
  sender TEXT NOT NULL,
  secret BLOB NOT NULL,
  timestamp INTEGER NOT NULL,            -- unix seconds
  PRIMARY KEY (session_id, chat, id, sender)
) WITHOUT ROWID;

-- With which the app state is encrypted that all devices of the account share.
CREATE TABLE app_state_key (
  session_id INTEGER NOT NULL REFERENCES session(id) ON DELETE CASCADE,
  id BLOB NOT NULL,
  key BLOB NOT NULL,                     -- 32 bytes
  fingerprint BLOB NOT NULL,             -- AppStateSyncKeyFingerprint
  timestamp INTEGER NOT NULL,            -- ms
  PRIMARY KEY (session_id, id)
) WITHOUT ROWID;

-- With which files may be deleted from the media servers.
ALTER TABLE credentials ADD COLUMN companion_meta_nonce TEXT NOT NULL DEFAULT '';
-- Whether the account's direct chats go by LID; 1 stays 1.
ALTER TABLE credentials ADD COLUMN lid_migrated INTEGER NOT NULL DEFAULT 0;
-- Accounts that were linked before went by LID wherever it was known, and are not asked to begin anew.
UPDATE credentials SET lid_migrated = 1;
