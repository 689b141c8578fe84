-- A number behind the last one of an aggregate, and of a new one.
BEGIN;
INSERT INTO DomainEventEntry (eventIdentifier, aggregateIdentifier, sequenceNumber, type, timeStamp, payloadType, payloadRevision, payload, metaData)
  SELECT 'new 1', 'a1f4c1de-0000-4000-8000-000000000001', 3, 'Account', '2025-03-02T00:00:00.000Z', 'bank.AccountOpened', NULL, '{}', '{}'
  WHERE (SELECT max(sequenceNumber) FROM DomainEventEntry WHERE aggregateIdentifier = 'a1f4c1de-0000-4000-8000-000000000001') = 2;
INSERT INTO DomainEventEntry (eventIdentifier, aggregateIdentifier, sequenceNumber, type, timeStamp, payloadType, payloadRevision, payload, metaData)
  VALUES ('new 2', 'order-2', 0, 'Order', '2025-03-02T00:00:00.000Z', 'bank.OrderPlaced', NULL, '{}', '{}');
COMMIT;
SELECT globalIndex, aggregateIdentifier, sequenceNumber FROM DomainEventEntry WHERE timeStamp >= '2025-03-02' ORDER BY 1;
