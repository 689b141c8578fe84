-- Events of no aggregate, one of them as Axon 4 left it: with its own id for an aggregate; indexes that were rolled back; JSON and
-- bytes; another version of a message; times whose last digits are zeros.
INSERT INTO AggregateEventEntry (globalIndex, aggregateType, aggregateIdentifier, aggregateSequenceNumber, type, version, timestamp, identifier, metadata, payload) VALUES
  (2, 'Account', 'a1f4c1de-0000-4000-8000-000000000001', 0, 'bank.AccountOpened', '0.0.1', '2025-03-01T12:00:00.120Z', '11111111-0000-4000-8000-000000000002',
   convert_to('{"correlationId":"c-1"}', 'UTF8'), convert_to('{"holder":"Zoë","limit":1.10}', 'UTF8')),
  (3, NULL, NULL, NULL, 'bank.DayClosed', '0.0.1', '2025-03-01T12:00:00.123456789Z', '11111111-0000-4000-8000-000000000003', NULL, '\x0aff00'),
  (4, NULL, '11111111-0000-4000-8000-000000000004', 0, 'bank.DayClosed', '0.0.1', '2025-03-01T12:00:00.500Z', '11111111-0000-4000-8000-000000000004', NULL, '{}'),
  (7, 'Account', 'a1f4c1de-0000-4000-8000-000000000001', 1, 'bank.MoneyDeposited', '2.1.0', '2025-03-01T12:00:01.000Z', '11111111-0000-4000-8000-000000000007',
   '{}', convert_to('{"amount":12345678901234567890}', 'UTF8')),
  (8, NULL, 'order-1', 0, 'bank.OrderPlaced', '0.0.1', '2025-03-01T12:00:02Z', 'made by hand', NULL, '');
SELECT setval('"aggregate-event-global-index-sequence"', 8);
