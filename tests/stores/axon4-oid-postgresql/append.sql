-- A number behind the last one of an aggregate, and of a new one; the role that reads owns the large objects.
BEGIN;
INSERT INTO domain_event_entry (global_index, aggregate_identifier, sequence_number, type, event_identifier, payload_type, time_stamp, payload)
  SELECT nextval('hibernate_sequence'), 'a1f4c1de-0000-4000-8000-000000000001', 3, 'Account', 'new 1', 'bank.AccountOpened', '2025-03-02T00:00:00.000Z', lo_from_bytea(0, '{}')
  WHERE (SELECT max(sequence_number) FROM domain_event_entry WHERE aggregate_identifier = 'a1f4c1de-0000-4000-8000-000000000001') = 2;
INSERT INTO domain_event_entry (global_index, aggregate_identifier, sequence_number, type, event_identifier, payload_type, time_stamp, payload)
  VALUES (nextval('hibernate_sequence'), 'order-2', 0, 'Order', 'new 2', 'bank.OrderPlaced', '2025-03-02T00:00:00.000Z', lo_from_bytea(0, '{}'));
COMMIT;
SELECT global_index, aggregate_identifier, sequence_number, lo_get(payload) FROM domain_event_entry WHERE time_stamp >= '2025-03-02' ORDER BY 1;
