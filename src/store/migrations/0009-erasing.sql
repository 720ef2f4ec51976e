-- What goes in steps: accounts that were erased, and whole sessions. Their keys are gone at once, and nothing of the
-- rest is seen any more: whoever reads messages of a session reads those above its mark here.

CREATE TABLE erasing (
  session_id INTEGER PRIMARY KEY REFERENCES session(id) ON DELETE CASCADE,
  whole INTEGER NOT NULL,        -- 1: the session goes too, and has lost its name
  message_seq INTEGER NOT NULL   -- messages up to this one go
);
