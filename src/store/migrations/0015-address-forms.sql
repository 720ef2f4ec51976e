-- By which form of address a chat's messages get through, where the account's usual one was refused.
CREATE TABLE address_form (
  session_id INTEGER NOT NULL REFERENCES session(id) ON DELETE CASCADE,
  user TEXT NOT NULL,                    -- JID without device: the LID where it is known, else the PN
  form INTEGER NOT NULL,                 -- 1: PN, 2: LID
  PRIMARY KEY (session_id, user)
) WITHOUT ROWID;

-- The form in which a message that was refused goes out again, 0: the usual one; see outbox.h
ALTER TABLE outbox ADD COLUMN form INTEGER NOT NULL DEFAULT 0;
