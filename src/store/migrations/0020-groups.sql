-- What the service told of groups in which the account is, or was.
CREATE TABLE group_chat (
  id INTEGER PRIMARY KEY,
  session_id INTEGER NOT NULL REFERENCES session(id) ON DELETE CASCADE,
  jid TEXT NOT NULL,                     -- '/' and the id: of an account that is being erased
  addressing INTEGER NOT NULL,           -- 1: members go by number, 2: by LID
  subject TEXT NOT NULL,
  subject_at INTEGER NOT NULL,           -- unix seconds; 0: not told
  subject_by TEXT NOT NULL,              -- JID, as are the others; empty: not told
  description TEXT NOT NULL,
  description_id TEXT NOT NULL,          -- which the next description has to name
  description_at INTEGER NOT NULL,
  description_by TEXT NOT NULL,
  created INTEGER NOT NULL,
  creator TEXT NOT NULL,
  flags INTEGER NOT NULL,                -- as store/account/groups.cc has them
  ephemeral INTEGER NOT NULL,            -- seconds after which messages vanish; 0: they stay
  parent TEXT NOT NULL,                  -- the community that it is part of
  read_ms INTEGER NOT NULL,              -- wall, when it was last read whole; 0: never
  UNIQUE (session_id, jid)
);

CREATE TABLE group_member (
  group_id INTEGER NOT NULL REFERENCES group_chat(id) ON DELETE CASCADE,
  user TEXT NOT NULL,                    -- JID without device, in the group's form
  other TEXT NOT NULL,                   -- in the other form; empty: not known
  rank INTEGER NOT NULL,                 -- 0: member, 1: admin, 2: who made it
  PRIMARY KEY (group_id, user)
) WITHOUT ROWID;
