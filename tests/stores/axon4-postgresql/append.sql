-- Hibernate 6 takes 50 numbers at once: what the sequence gives is the last of them. Numbers behind the last of an aggregate, and of a new one.
BEGIN;
CREATE TEMP TABLE pool AS SELECT nextval('domain_event_entry_seq') - 49 AS first;
INSERT INTO domain_event_entry (global_index, aggregate_identifier, sequence_number, type, event_identifier, payload_type, time_stamp, payload)
  SELECT first, 'a1f4c1de-0000-4000-8000-000000000001', 3, 'Account', 'new 1', 'bank.AccountOpened', '2025-03-02T00:00:00.000Z', '{}' FROM pool
  WHERE (SELECT max(sequence_number) FROM domain_event_entry WHERE aggregate_identifier = 'a1f4c1de-0000-4000-8000-000000000001') = 2;
INSERT INTO domain_event_entry (global_index, aggregate_identifier, sequence_number, type, event_identifier, payload_type, time_stamp, payload)
  SELECT first + 1, 'order-2', 0, 'Order', 'new 2', 'bank.OrderPlaced', '2025-03-02T00:00:00.000Z', '{}' FROM pool;
COMMIT;
SELECT global_index, aggregate_identifier, sequence_number FROM domain_event_entry WHERE time_stamp >= '2025-03-02' ORDER BY 1;
