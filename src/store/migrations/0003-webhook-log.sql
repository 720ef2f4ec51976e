-- Deliveries to webhooks with what became of them. A delivery is written twice: when its event happens, and when it
-- has ended. The second write is a small row of its own, so that the body is never written again; what has ended
-- stays for a while as the log that replays are made from, and goes in batches.
--
-- An id says its queue in the bits above 32 and its place in it below: rows of a queue lie together and in order
-- without an index, and ids stay exact in JSON numbers, which many read as doubles.

CREATE TABLE webhook_queue (
  id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used twice, as the ids below are made of it
  session_id INTEGER NOT NULL REFERENCES session(id) ON DELETE CASCADE,
  url TEXT NOT NULL,
  UNIQUE (session_id, url)
);

CREATE TABLE delivery (
  id INTEGER PRIMARY KEY,
  origin INTEGER NOT NULL,               -- the delivery that this one repeats; 0: none
  event TEXT NOT NULL,
  event_id TEXT NOT NULL,
  body TEXT NOT NULL,                    -- JSON, exactly as it is signed and sent
  created_ms INTEGER NOT NULL            -- of the event
);

-- Of the deliveries that have ended. One without waits for its turn.
CREATE TABLE webhook_outcome (
  id INTEGER PRIMARY KEY,                -- of the delivery
  dead INTEGER NOT NULL,                 -- 0: the receiver has taken it
  tries INTEGER NOT NULL,
  why TEXT NOT NULL,                     -- the last answer or error, or why it was never tried
  ended_ms INTEGER NOT NULL
);

INSERT INTO webhook_queue (session_id, url) SELECT DISTINCT session_id, url FROM webhook_delivery ORDER BY 1, 2;
INSERT INTO delivery
  SELECT (q.id << 32) + row_number() OVER (PARTITION BY q.id ORDER BY d.seq), 0,
         iif(json_valid(d.body), coalesce(json_extract(d.body, '$.event'), ''), ''), d.event_id, d.body, d.created_ms
  FROM webhook_delivery d JOIN webhook_queue q ON q.session_id = d.session_id AND q.url = d.url;
DROP TABLE webhook_delivery;
ALTER TABLE delivery RENAME TO webhook_delivery;

-- No foreign key: it would need a column and an index of its own.
CREATE TRIGGER webhook_queue_deleted AFTER DELETE ON webhook_queue BEGIN
  DELETE FROM webhook_outcome WHERE id BETWEEN (old.id << 32) AND (old.id << 32) + 4294967295;
  DELETE FROM webhook_delivery WHERE id BETWEEN (old.id << 32) AND (old.id << 32) + 4294967295;
END;
