-- A message's id, as programs get it, names its chat. It was told with the form that was known then, and stays so
-- when the number becomes known.

ALTER TABLE message ADD COLUMN by_lid INTEGER NOT NULL DEFAULT 0;  -- 1: the number was not known
