-- Versions 3 of Person 1 and 1 of a new one, as Save() does it: the last version is asked for first.
BEGIN;
INSERT INTO events (id, version, reason, type, timestamp, data, metadata)
  SELECT '1', 3, 'AgedOneYear', 'Person', '2025-03-02T00:00:00Z', convert_to('{}', 'UTF8'), NULL
  WHERE (SELECT version FROM events WHERE id = '1' AND type = 'Person' ORDER BY version DESC LIMIT 1) + 1 = 3;
INSERT INTO events (id, version, reason, type, timestamp, data, metadata)
  SELECT '3', 1, 'Born', 'Person', '2025-03-02T00:00:00Z', convert_to('{}', 'UTF8'), NULL
  WHERE NOT EXISTS (SELECT 1 FROM events WHERE id = '3' AND type = 'Person');
COMMIT;
SELECT seq, id, version FROM events WHERE timestamp = '2025-03-02T00:00:00Z' ORDER BY seq;
