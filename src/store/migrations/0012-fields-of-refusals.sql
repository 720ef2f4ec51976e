-- What of the request a refusal is about, so that a repeated call hears it in the first one's words.

ALTER TABLE idempotency_key ADD COLUMN field INTEGER NOT NULL DEFAULT 0;  -- a Field of base/field.h; 0: none
