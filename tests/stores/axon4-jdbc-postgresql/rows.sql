-- An event of no aggregate, which has its own id for one; indexes that were rolled back; JSON, XML and bytes; times whose last digits
-- are zeros.
INSERT INTO DomainEventEntry (globalIndex, aggregateIdentifier, sequenceNumber, type, eventIdentifier, payloadType, payloadRevision, timeStamp, metaData, payload) VALUES
  (2, 'a1f4c1de-0000-4000-8000-000000000001', 0, 'Account', '11111111-0000-4000-8000-000000000002', 'bank.AccountOpened', '1.0', '2025-03-01T12:00:00.120Z',
   convert_to('{"traceId":"t-1","correlationId":"c-1"}', 'UTF8'), convert_to('{"holder":"Zoë","limit":1.10}', 'UTF8')),
  (3, '11111111-0000-4000-8000-000000000003', 0, NULL, '11111111-0000-4000-8000-000000000003', 'bank.DayClosed', NULL, '2025-03-01T12:00:00.123456789Z',
   NULL, convert_to('<bank.DayClosed><day>1</day></bank.DayClosed>', 'UTF8')),
  (7, 'a1f4c1de-0000-4000-8000-000000000001', 1, 'Account', '11111111-0000-4000-8000-000000000007', 'bank.MoneyDeposited', '2', '2025-03-01T12:00:01.000Z',
   convert_to('{}', 'UTF8'), convert_to('{"amount":12345678901234567890}', 'UTF8')),
  (8, 'order-1', 0, 'Order', 'made by hand', 'bank.OrderPlaced', NULL, '2025-03-01T12:00:02Z', NULL, convert_to('{"n": [1, 2]}', 'UTF8')),
  (51, 'a1f4c1de-0000-4000-8000-000000000001', 2, 'Account', '11111111-0000-4000-8000-000000000051', 'bank.AccountClosed', NULL, '2025-03-01T12:00:03.999Z',
   NULL, convert_to('', 'UTF8'));
SELECT setval('domainevententry_globalindex_seq', 51);
