-- What a waiting message is to be shown with, and what may be done about it.
ALTER TABLE outbox ADD COLUMN written INTEGER NOT NULL DEFAULT 0;     -- 1: a stanza of it may have left; never 0 again
ALTER TABLE outbox ADD COLUMN expires_ms INTEGER NOT NULL DEFAULT 0;  -- not written by then: it ends; 0: never
UPDATE outbox SET written = 1 WHERE stanza IS NOT NULL;

-- Keys that callers gave their requests, so that a repeated request gets the first one's answer.
CREATE TABLE idempotency_key (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,   -- the oldest go first
  session_id INTEGER NOT NULL REFERENCES session(id) ON DELETE CASCADE,
  key TEXT NOT NULL,
  request BLOB NOT NULL CHECK (length(request) = 32),  -- SHA-256 of what was asked for
  id TEXT NOT NULL,                        -- the message's
  created_ms INTEGER NOT NULL,
  ended INTEGER NOT NULL DEFAULT 0,        -- 1: what follows is the outcome
  timestamp INTEGER NOT NULL DEFAULT 0,
  chat TEXT NOT NULL DEFAULT '',
  chat_pn TEXT NOT NULL DEFAULT '',
  chat_lid TEXT NOT NULL DEFAULT '',
  cause TEXT NOT NULL DEFAULT '',          -- empty: acknowledged
  code INTEGER NOT NULL DEFAULT 0,
  detail TEXT NOT NULL DEFAULT '',
  UNIQUE (session_id, key)
);
CREATE INDEX idempotency_key_by_message ON idempotency_key (session_id, id);

-- Whom an account wrote to first: what the pace of such messages is reckoned from. It outlives the link to the account.
CREATE TABLE first_contact (
  session_id INTEGER NOT NULL REFERENCES session(id) ON DELETE CASCADE,
  user TEXT NOT NULL,                    -- user JID, LID form where known
  at_ms INTEGER NOT NULL,
  clock_ms INTEGER NOT NULL,             -- how far the bucket's clock had moved with it
  PRIMARY KEY (session_id, user)
) WITHOUT ROWID;
CREATE INDEX first_contact_by_time ON first_contact (session_id, at_ms);
