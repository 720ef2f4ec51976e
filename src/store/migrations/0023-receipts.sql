-- How far each recipient is with a message of ours: rows of its own, since a group has many. Times in unix seconds, 0: not
-- told.
CREATE TABLE receipt (
  message INTEGER NOT NULL,              -- message.seq
  user TEXT NOT NULL,                    -- JID without device, LID form where known
  delivered INTEGER NOT NULL,
  read INTEGER NOT NULL,
  played INTEGER NOT NULL,
  PRIMARY KEY (message, user)
) WITHOUT ROWID;

-- No foreign key: messages go in steps from several places, and a number that is used again must find nothing here.
CREATE TRIGGER message_gone AFTER DELETE ON message BEGIN
  DELETE FROM receipt WHERE message = old.seq;
END;
