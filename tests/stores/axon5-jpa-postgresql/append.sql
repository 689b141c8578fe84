-- A number behind the last one of an aggregate, and an event of none.
BEGIN;
INSERT INTO AggregateEventEntry (globalIndex, aggregateType, aggregateIdentifier, aggregateSequenceNumber, type, version, timestamp, identifier, metadata, payload)
  SELECT nextval('"aggregate-event-global-index-sequence"'), 'Account', 'a1f4c1de-0000-4000-8000-000000000001', 2, 'bank.AccountClosed', '0.0.1', '2025-03-02T00:00:00.000Z', 'new 1', NULL, '{}'
  WHERE (SELECT max(aggregateSequenceNumber) FROM AggregateEventEntry WHERE aggregateIdentifier = 'a1f4c1de-0000-4000-8000-000000000001') = 1;
INSERT INTO AggregateEventEntry (globalIndex, aggregateType, aggregateIdentifier, aggregateSequenceNumber, type, version, timestamp, identifier, metadata, payload)
  VALUES (nextval('"aggregate-event-global-index-sequence"'), NULL, NULL, NULL, 'bank.DayClosed', '0.0.1', '2025-03-02T00:00:00.000Z', 'new 2', NULL, '{}');
COMMIT;
SELECT globalIndex, aggregateIdentifier, aggregateSequenceNumber, payload FROM AggregateEventEntry WHERE timestamp >= '2025-03-02' ORDER BY 1;
