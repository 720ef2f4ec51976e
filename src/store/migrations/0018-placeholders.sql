-- Messages that came without a content: the service had none for us, or it could not be read. None of them is in `message`,
-- so that nothing is taken for one that came before; what comes under the same id later is a new row there, and the one here
-- goes.
CREATE TABLE placeholder (
  id INTEGER PRIMARY KEY,                -- the order of arrival
  session_id INTEGER NOT NULL REFERENCES session(id) ON DELETE CASCADE,
  stanza_id TEXT NOT NULL,               -- of the message
  chat TEXT NOT NULL,                    -- this and the next ones as in `message`
  sender TEXT NOT NULL,
  from_me INTEGER NOT NULL,
  timestamp INTEGER NOT NULL,
  push_name TEXT NOT NULL,
  state INTEGER NOT NULL,                -- whether the account's phone is asked for it; see store/messages/placeholders.h
  asks INTEGER NOT NULL,
  request TEXT NOT NULL,                 -- id of the last request for it
  added INTEGER NOT NULL                 -- unix seconds
);
CREATE INDEX placeholder_by_message ON placeholder (session_id, stanza_id);
CREATE INDEX placeholder_by_state ON placeholder (session_id, state);
CREATE INDEX placeholder_by_chat ON placeholder (session_id, chat, from_me);

-- They were messages without a word, and what came under their ids was dropped.
INSERT INTO placeholder (session_id, stanza_id, chat, sender, from_me, timestamp, push_name, state, asks, request, added)
  SELECT m.session_id, m.id, m.chat, m.sender, m.from_me, m.timestamp, '', 0, 0, '', m.timestamp FROM message m
  WHERE m.type = 'unknown' AND m.from_api = 0 AND length(m.content) = 0 AND m.seq >
    coalesce((SELECT e.message_seq FROM erasing e WHERE e.session_id = m.session_id), 0);
DELETE FROM message WHERE type = 'unknown' AND from_api = 0 AND length(content) = 0;
