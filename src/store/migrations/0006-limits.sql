-- What the service allows this account towards strangers, as last heard; the salt of its tokens for them; and which
-- messages it refused for lack of trust.

-- From the account's phone: HMAC over a stranger's LID with it is what stands in for a privacy token.
CREATE TABLE nct_salt (
  session_id INTEGER PRIMARY KEY REFERENCES session(id) ON DELETE CASCADE,
  salt BLOB NOT NULL
);

-- Whether new chats may be started.
CREATE TABLE reachout_timelock (
  session_id INTEGER PRIMARY KEY REFERENCES session(id) ON DELETE CASCADE,
  active INTEGER NOT NULL,
  ends INTEGER NOT NULL,                 -- 0: not told
  type TEXT NOT NULL,                    -- the service's name for its reason
  heard INTEGER NOT NULL
);

-- How many new chats may be started in this cycle.
CREATE TABLE message_capping (
  session_id INTEGER PRIMARY KEY REFERENCES session(id) ON DELETE CASCADE,
  status TEXT NOT NULL,
  total INTEGER NOT NULL,
  used INTEGER NOT NULL,
  cycle_start INTEGER NOT NULL,          -- 0: not told
  cycle_end INTEGER NOT NULL,
  mv_status TEXT NOT NULL,
  ote_status TEXT NOT NULL,
  heard INTEGER NOT NULL
);

-- Refused for lack of trust: 1: whether it goes out again is in question, 2: it may have; see outbox.h
ALTER TABLE outbox ADD COLUMN distrust INTEGER NOT NULL DEFAULT 0;
