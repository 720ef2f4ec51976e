-- What was tried about a message that the service refused.
ALTER TABLE outbox ADD COLUMN renewals INTEGER NOT NULL DEFAULT 0;  -- of its chat's devices, address and keys
ALTER TABLE outbox ADD COLUMN cause TEXT NOT NULL DEFAULT '';       -- of the last trouble; empty: none yet
ALTER TABLE outbox ADD COLUMN code INTEGER NOT NULL DEFAULT 0;      -- the service's, of that; 0: none

-- What was done about sends that failed, and whether it helped. Bounded for each session; see healing_steps.h.
CREATE TABLE healing_step (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  session_id INTEGER NOT NULL REFERENCES session(id) ON DELETE CASCADE,
  at_ms INTEGER NOT NULL,
  scope TEXT NOT NULL,                   -- message, chat, link, session or account
  step TEXT NOT NULL,                    -- renew_chat, reconnect, restart, ...
  cause TEXT NOT NULL,
  code INTEGER NOT NULL,                 -- the service's; 0: none
  chat TEXT NOT NULL,                    -- empty: the session's matter
  outcome TEXT NOT NULL                  -- pending, healed, failed, called_off or unknown
);
CREATE INDEX healing_step_by_session ON healing_step (session_id, seq);
