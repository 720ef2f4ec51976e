-- The journal: what has happened, each event once, whoever is told of it. Rows are written with the state that explains
-- them. Deliveries to webhooks refer to it, so that an event costs its text once and not once for each URL.

CREATE TABLE event (
  seq INTEGER PRIMARY KEY,               -- order; never used twice, see journal.last
  session_id INTEGER NOT NULL,           -- no foreign key: rows go in steps
  kind INTEGER NOT NULL,                 -- which payload; 0: as an older version told it: name, id and text in lines
  at_ms INTEGER NOT NULL,
  holders INTEGER NOT NULL,              -- deliveries that refer to it: while there are any, it stays
  payload BLOB NOT NULL
);

-- One row.
CREATE TABLE journal (
  last INTEGER NOT NULL,                 -- no row up to this one will be written any more; rows above it are counted on
  floor INTEGER NOT NULL,                -- some up to this one are gone, or were never written
  streamed_ms INTEGER NOT NULL           -- when a stream was last open; 0: something was not written since
);

-- A delivery is a row of what waits, or of what has ended: it moves, once. What waits is little, and lies together for all
-- queues.
CREATE TABLE waiting (
  id INTEGER PRIMARY KEY,
  line INTEGER NOT NULL,                 -- -1: alone, nothing beside it
  origin INTEGER NOT NULL,               -- the delivery that this one repeats; 0: none
  event INTEGER NOT NULL,
  name INTEGER NOT NULL                  -- which of the names of the event's kind
);
CREATE TABLE ended (
  id INTEGER PRIMARY KEY,
  dead INTEGER NOT NULL,                 -- 0: the receiver has taken it
  tries INTEGER NOT NULL,
  why TEXT NOT NULL,                     -- the last answer or error, or why it was never tried
  ended_ms INTEGER NOT NULL,
  line INTEGER NOT NULL,
  origin INTEGER NOT NULL,
  event INTEGER NOT NULL,
  name INTEGER NOT NULL
);

-- What an older version has queued or logged keeps its text.
CREATE TABLE carried AS
  SELECT d.id, row_number() OVER (ORDER BY d.id) AS seq, d.line, d.origin FROM webhook_delivery d;
CREATE UNIQUE INDEX carried_id ON carried (id);
INSERT INTO event (seq, session_id, kind, at_ms, holders, payload)
  SELECT c.seq, ifnull(q.session_id, 0), 0, d.created_ms, 1,
         CAST(d.event || char(10) || d.event_id || char(10) || d.body AS BLOB)
  FROM webhook_delivery d JOIN carried c ON c.id = d.id LEFT JOIN webhook_queue q ON q.id = d.id >> 32;
INSERT INTO waiting (id, line, origin, event, name)
  SELECT p.id, p.line, c.origin, c.seq, 0 FROM webhook_pending p JOIN carried c ON c.id = p.id;
INSERT INTO ended (id, dead, tries, why, ended_ms, line, origin, event, name)
  SELECT o.id, o.dead, o.tries, o.why, o.ended_ms, c.line, c.origin, c.seq, 0
  FROM webhook_outcome o JOIN carried c ON c.id = o.id;
INSERT INTO journal SELECT ifnull(max(seq), 0), ifnull(max(seq), 0), 0 FROM carried;
DROP TABLE carried;
DROP TRIGGER webhook_queue_deleted;
DROP TABLE webhook_pending;
DROP TABLE webhook_outcome;
DROP TABLE webhook_delivery;
ALTER TABLE waiting RENAME TO webhook_pending;
ALTER TABLE ended RENAME TO webhook_outcome;
CREATE INDEX webhook_pending_line ON webhook_pending (line, id);
CREATE INDEX webhook_outcome_dead ON webhook_outcome (id) WHERE dead = 1;

CREATE TRIGGER webhook_queue_deleted AFTER DELETE ON webhook_queue BEGIN
  DELETE FROM webhook_pending WHERE id BETWEEN (old.id << 32) AND (old.id << 32) + 4294967295;
  DELETE FROM webhook_outcome WHERE id BETWEEN (old.id << 32) AND (old.id << 32) + 4294967295;
END;
-- Who adds a delivery counts it in its event. A delivery that ends is in both tables for a moment, and goes on holding.
CREATE TRIGGER webhook_pending_deleted AFTER DELETE ON webhook_pending
WHEN NOT EXISTS (SELECT 1 FROM webhook_outcome WHERE id = old.id) BEGIN
  UPDATE event SET holders = holders - 1 WHERE seq = old.event;
END;
CREATE TRIGGER webhook_outcome_deleted AFTER DELETE ON webhook_outcome BEGIN
  UPDATE event SET holders = holders - 1 WHERE seq = old.event;
END;

ALTER TABLE erasing ADD COLUMN event_seq INTEGER NOT NULL DEFAULT 0;  -- events up to this one were looked at
