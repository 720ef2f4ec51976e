-- What is known of the web client's version, which all sessions announce. One row at most.

CREATE TABLE client_version (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  revision INTEGER NOT NULL,          -- the newest that was learnt; 0: none
  looked INTEGER NOT NULL,            -- wall ms, when it was asked for and told last; 0: never
  expires INTEGER NOT NULL,           -- unix seconds, from which the service refuses the next; 0: not told
  expires_revision INTEGER NOT NULL
);
