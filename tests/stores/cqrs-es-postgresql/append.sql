-- Sequence 4 of account 1, behind the last one, and 1 of a new one: the primary key is what refuses another's.
BEGIN;
INSERT INTO events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata)
  SELECT 'account', '1', max(sequence) + 1, 'AccountClosed', '1.0', '{}', '{}' FROM events WHERE aggregate_type = 'account' AND aggregate_id = '1';
INSERT INTO events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata)
  VALUES ('account', '2', 1, 'AccountOpened', '1.0', '{}', '{}');
COMMIT;
SELECT aggregate_type, aggregate_id, max(sequence) FROM events GROUP BY 1, 2 ORDER BY min(aggregate_type COLLATE "C"), min(aggregate_id COLLATE "C");
