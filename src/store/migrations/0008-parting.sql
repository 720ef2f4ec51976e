-- Whether the session's device is to be unlinked as soon as the service can be asked: 1: it is logged out then, 2: it is
-- removed then.
ALTER TABLE session ADD COLUMN parting INTEGER NOT NULL DEFAULT 0;
