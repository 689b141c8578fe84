-- An append of version 3, for which the aggregate was read at version 2, and one that begins an aggregate.
BEGIN IMMEDIATE;
INSERT INTO stored_events VALUES ('0b7c1f0e5a3b4d7e9c61f2a4b6d8e001', 3, 'dogschool:Dog.TrickAdded', CAST('{"trick":"fetch"}' AS BLOB));
INSERT INTO stored_events VALUES ('0b7c1f0e5a3b4d7e9c61f2a4b6d8e003', 1, 'dogschool:Dog.Registered', CAST('{"name":"Rex"}' AS BLOB));
COMMIT;
SELECT rowid, originator_id, originator_version FROM stored_events ORDER BY rowid;
