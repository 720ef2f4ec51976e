-- Written and emptied in one unit of work, to see whether the disk takes writes again. Always empty.
CREATE TABLE storage_probe (room BLOB NOT NULL);
