-- What goes in steps: accounts that were erased, and whole sessions. Their keys are gone at once, and nothing of the
-- rest is seen any more: whoever reads messages or idempotency keys of a session reads those above its marks here.

CREATE TABLE erasing (
  session_id INTEGER PRIMARY KEY REFERENCES session(id) ON DELETE CASCADE,
  whole INTEGER NOT NULL,        -- 1: the session goes too, and has lost its name
  message_seq INTEGER NOT NULL,  -- messages up to this one go
  key_seq INTEGER NOT NULL       -- idempotency keys up to this one go
);

-- Received and not read, which are few among many.
CREATE INDEX message_unread ON message (session_id, chat, seq) WHERE from_me = 0 AND ack < 3;
