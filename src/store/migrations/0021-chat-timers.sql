-- After what time the messages of a chat disappear. A chat without a row has no timer, as far as is known.
CREATE TABLE chat_timer (
  session_id INTEGER NOT NULL REFERENCES session(id) ON DELETE CASCADE,
  chat TEXT NOT NULL,                    -- JID: of a person the LID where it is known, else the PN; or a group
  seconds INTEGER NOT NULL,              -- 0: it was switched off
  set_at INTEGER NOT NULL,               -- unix seconds, when it was set; 0: not told
  heard_at INTEGER NOT NULL,             -- unix seconds, of the message that said so: an older one counts no more
  PRIMARY KEY (session_id, chat)
) WITHOUT ROWID;
