SELECT * FROM event_journal ORDER BY ordering;
SELECT * FROM event_tag ORDER BY event_id, tag COLLATE "C";
