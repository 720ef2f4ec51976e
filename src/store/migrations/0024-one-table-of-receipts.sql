-- How far each recipient of a message is stood in two tables, and how far all are was counted anew with each receipt. Now
-- `receipt` alone has who and when, and the sums of a group's message are kept. What was sent again is counted apart: it
-- is a device's, and hangs on the message as the others do.

-- How far those who got a group's message are with it, by number. Each is counted when his row in `receipt` comes further.
CREATE TABLE receipt_total (
  message INTEGER PRIMARY KEY,           -- message.seq
  recipients INTEGER NOT NULL,           -- members when it was sent, without the account; 0: not known
  delivered INTEGER NOT NULL,            -- who has it, and who did more with it
  read INTEGER NOT NULL,
  played INTEGER NOT NULL
);

-- What was sent again to a device, on its request.
CREATE TABLE resent (
  message INTEGER NOT NULL,              -- message.seq
  device TEXT NOT NULL,                  -- device JID
  times INTEGER NOT NULL,
  base_key BLOB,                         -- of the session at its second request: the same one at the third is broken
  PRIMARY KEY (message, device)
) WITHOUT ROWID;

-- Of a chat with one person there is one row, under the chat's own address: whichever form of it a receipt has. Of times
-- that were noted twice the first counts.
CREATE TABLE merged (
  message INTEGER NOT NULL,
  user TEXT NOT NULL,
  delivered INTEGER NOT NULL,
  read INTEGER NOT NULL,
  played INTEGER NOT NULL,
  PRIMARY KEY (message, user)
) WITHOUT ROWID;
INSERT INTO merged (message, user, delivered, read, played)
  SELECT message, user, coalesce(min(nullif(delivered, 0)), 0), coalesce(min(nullif(read, 0)), 0),
    coalesce(min(nullif(played, 0)), 0) FROM (
      SELECT r.message AS message, iif(m.chat LIKE '%@lid' OR m.chat LIKE '%@s.whatsapp.net', m.chat, r.user) AS user,
        r.delivered AS delivered, r.read AS read, r.played AS played
        FROM receipt r JOIN message m ON m.seq = r.message
      UNION ALL
      SELECT m.seq, o.device, o.delivered, o.read, o.played
        FROM message_recipient o JOIN message m ON m.session_id = o.session_id AND m.id = o.id
        WHERE m.from_me = 1 AND m.chat LIKE '%@g.us' AND o.delivered + o.read + o.played > 0 AND m.seq >
          coalesce((SELECT e.message_seq FROM erasing e WHERE e.session_id = m.session_id), 0))
  GROUP BY message, user;

-- How many recipients there are is asked with the next receipt, of the group as it is then.
INSERT INTO receipt_total (message, recipients, delivered, read, played)
  SELECT r.message, 0, count(*), sum(r.read > 0 OR r.played > 0), sum(r.played > 0)
  FROM merged r JOIN message m ON m.seq = r.message WHERE m.chat LIKE '%@g.us' GROUP BY r.message;

INSERT INTO resent (message, device, times, base_key)
  SELECT m.seq, o.device, o.retries, o.base_key
  FROM message_recipient o JOIN message m ON m.session_id = o.session_id AND m.id = o.id
  WHERE m.from_me = 1 AND (o.retries > 0 OR o.base_key IS NOT NULL) AND m.seq >
    coalesce((SELECT e.message_seq FROM erasing e WHERE e.session_id = m.session_id), 0);

DROP TRIGGER message_gone;
DROP TABLE message_recipient;
DROP TABLE receipt;
ALTER TABLE merged RENAME TO receipt;

-- No foreign keys: messages go in steps from several places, and a number that is used again must find nothing here. Who
-- deletes many messages deletes first what hangs on them, in steps (store/messages/removal.h).
CREATE TRIGGER message_gone AFTER DELETE ON message WHEN old.from_me <> 0 BEGIN
  DELETE FROM receipt WHERE message = old.seq;
  DELETE FROM receipt_total WHERE message = old.seq;
  DELETE FROM resent WHERE message = old.seq;
END;
