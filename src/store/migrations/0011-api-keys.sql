-- Keys of the API, but the one of the configuration. What a caller sends is not here: only its SHA-256.

CREATE TABLE api_key (
  id TEXT PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
  name TEXT NOT NULL,
  scopes TEXT NOT NULL,               -- with blanks between them: "read send"
  sessions TEXT NOT NULL,             -- names that it is good for, the same; empty: all
  active INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL,        -- 0: never
  used_ms INTEGER NOT NULL,           -- the last time that is known; 0: never
  rate_requests INTEGER NOT NULL,     -- so many in rate_seconds; 0: any number
  rate_seconds INTEGER NOT NULL
) WITHOUT ROWID;
