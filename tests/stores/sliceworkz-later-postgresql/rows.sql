-- Streams whose events take turns; one context with two purposes, one of them empty, and one with a "#"; a key that two streams share;
-- a position that was rolled back; tags: some, none, NULL.
INSERT INTO events (event_position, event_id, idempotency_key, stream_context, stream_purpose, event_type, event_timestamp, event_data, event_tags) VALUES
  (1, '0198a1f4-0000-7000-8000-000000000001', 'k-1', 'customer', 'default', 'CustomerRegistered', '2025-03-01 12:00:00.123456+00', '{"id":"1"}', '{customer:1,"region:a, b"}'),
  (2, '0198a1f4-0000-7000-8000-000000000002', 'k-1', 'customer', 'billing', 'InvoiceSent', '2025-03-01 12:00:01+00', '{"amount":1.10}', '{customer:1}'),
  (3, '0198a1f4-0000-7000-8000-000000000003', NULL, 'customer', 'default', 'CustomerChurned', '2025-03-01 13:00:02+01', '{"n":12345678901234567890}', '{}'),
  (5, '0198a1f4-0000-7000-8000-000000000005', NULL, 'customer', '', 'CustomerRegistered', '2025-03-01 12:00:02+00', '[]', NULL),
  (6, '0198a1f4-0000-7000-8000-000000000006', NULL, 'a#b', 'c#d', 'Made', '2025-03-01 12:00:03+00', '{}', '{}'),
  (7, '0198a1f4-0000-7000-8000-000000000007', NULL, 'customer', 'default', 'CustomerRegistered', '2025-03-01 12:00:04+00', '{"id":"2"}', '{customer:2}');
SELECT setval('events_event_position_seq', 7);
