-- Deliveries to one URL keep their order within lines, of a chat or of the session, and lines go side by side. What
-- waits is found here: the next of the queue, or of one of its lines, without a walk over what has ended.

ALTER TABLE webhook_delivery ADD COLUMN line INTEGER NOT NULL DEFAULT -1;  -- -1: alone, nothing beside it
-- Ids up to this one have been given, be their rows gone or moved to the queue of another URL.
ALTER TABLE webhook_queue ADD COLUMN last INTEGER NOT NULL DEFAULT 0;

CREATE TABLE webhook_pending (
  id INTEGER PRIMARY KEY,                -- of the delivery
  line INTEGER NOT NULL
);
CREATE INDEX webhook_pending_line ON webhook_pending (line, id);

INSERT INTO webhook_pending
  SELECT d.id, d.line FROM webhook_delivery d WHERE NOT EXISTS (SELECT 1 FROM webhook_outcome o WHERE o.id = d.id);

-- Dead letters are few among what was taken, and are counted.
CREATE INDEX webhook_outcome_dead ON webhook_outcome (id) WHERE dead = 1;

DROP TRIGGER webhook_queue_deleted;
CREATE TRIGGER webhook_queue_deleted AFTER DELETE ON webhook_queue BEGIN
  DELETE FROM webhook_pending WHERE id BETWEEN (old.id << 32) AND (old.id << 32) + 4294967295;
  DELETE FROM webhook_outcome WHERE id BETWEEN (old.id << 32) AND (old.id << 32) + 4294967295;
  DELETE FROM webhook_delivery WHERE id BETWEEN (old.id << 32) AND (old.id << 32) + 4294967295;
END;
