-- A message's id, as programs get it, names its chat. It was told with the form that was known then, and stays so
-- when the number becomes known.

ALTER TABLE message ADD COLUMN by_lid INTEGER NOT NULL DEFAULT 0;  -- 1: the number was not known

-- Of what is there nobody wrote it down. Where the number is unknown still, it was unknown then.
UPDATE message SET by_lid = 1 WHERE chat LIKE '%@lid' AND NOT EXISTS
  (SELECT 1 FROM lid_mapping WHERE lid_mapping.session_id = message.session_id AND
   lid_mapping.lid || '@lid' = message.chat);
