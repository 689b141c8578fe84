-- A number behind the last one of an aggregate, and an event of none.
BEGIN;
INSERT INTO aggregate_event_entry (global_index, aggregate_type, aggregate_identifier, aggregate_sequence_number, type, version, timestamp, identifier, metadata, payload)
  SELECT nextval('"aggregate-event-global-index-sequence"'), 'Account', 'a1f4c1de-0000-4000-8000-000000000001', 2, 'bank.AccountClosed', '0.0.1', '2025-03-02T00:00:00.000Z', 'new 1', NULL, lo_from_bytea(0, '{}')
  WHERE (SELECT max(aggregate_sequence_number) FROM aggregate_event_entry WHERE aggregate_identifier = 'a1f4c1de-0000-4000-8000-000000000001') = 1;
INSERT INTO aggregate_event_entry (global_index, aggregate_type, aggregate_identifier, aggregate_sequence_number, type, version, timestamp, identifier, metadata, payload)
  VALUES (nextval('"aggregate-event-global-index-sequence"'), NULL, NULL, NULL, 'bank.DayClosed', '0.0.1', '2025-03-02T00:00:00.000Z', 'new 2', NULL, lo_from_bytea(0, '{}'));
COMMIT;
SELECT global_index, aggregate_identifier, aggregate_sequence_number, lo_get(payload) FROM aggregate_event_entry WHERE timestamp >= '2025-03-02' ORDER BY 1;
