-- The sender key with which this device writes in a group: which form of addresses the group had when it was made.
CREATE TABLE group_key (
  session_id INTEGER NOT NULL REFERENCES session(id) ON DELETE CASCADE,
  chat TEXT NOT NULL,
  by_lid INTEGER NOT NULL,               -- 1: its members go by LID
  PRIMARY KEY (session_id, chat)
) WITHOUT ROWID;

-- The devices that may have that key.
CREATE TABLE group_key_holder (
  session_id INTEGER NOT NULL REFERENCES session(id) ON DELETE CASCADE,
  chat TEXT NOT NULL,
  user TEXT NOT NULL,                    -- the user's part of the address in the group's form
  device INTEGER NOT NULL,
  given_in INTEGER NOT NULL,             -- outbox.seq of the message that hands it out; 0: it has the key; -1: it is to get it again
  PRIMARY KEY (session_id, chat, user, device)
) WITHOUT ROWID;

-- When a member of a group had played it; 0: not yet.
ALTER TABLE message_recipient ADD COLUMN played INTEGER NOT NULL DEFAULT 0;
