-- The account that the service names for a number that somebody dials, where the account's own number is another one: a
-- country added a digit, or dropped one.
CREATE TABLE dialled (
  session_id INTEGER NOT NULL REFERENCES session(id) ON DELETE CASCADE,
  number TEXT NOT NULL,                  -- as dialled: digits
  account TEXT NOT NULL,                 -- JID of the user
  PRIMARY KEY (session_id, number)
) WITHOUT ROWID;

-- A message that was told before the service had named the account keeps the number by which it was told.
ALTER TABLE message ADD COLUMN dialled TEXT;                       -- digits; NULL: it was told by the account's own address
-- One that waits to be told until the service has named it.
ALTER TABLE outbox ADD COLUMN untold INTEGER NOT NULL DEFAULT 0;   -- 1: it waits

-- Calls that programs were told of, so that each is told once: offers come again.
CREATE TABLE call (
  session_id INTEGER NOT NULL REFERENCES session(id) ON DELETE CASCADE,
  id TEXT NOT NULL,                      -- as its caller has named it
  at_ms INTEGER NOT NULL,                -- wall, when it was heard of
  caller TEXT NOT NULL,                  -- JID of the user
  flags INTEGER NOT NULL,                -- 1: video, 2: in a group, 4: it has ended, or was taken
  PRIMARY KEY (session_id, id)
) WITHOUT ROWID;
