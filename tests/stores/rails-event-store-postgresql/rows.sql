-- YAML and JSON in bytea; events in one stream, in several, in none; without a number in their stream, and in an order there that
-- is not the global one; a position that was rolled back; links whose rows are not in the order of their events; a valid_at.
INSERT INTO event_store_events (id, event_id, event_type, metadata, data, created_at, valid_at) VALUES
  (1, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e101', 'OrderPlaced', E'---\n:timestamp: 2025-03-01 12:00:00.123456000 Z\n', E'---\n:total: 1.10\n', '2025-03-01 12:00:00.123456', NULL),
  (2, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e102', 'OrderPaid', convert_to('{"user": "Zoë", "correlation_id":"c-1"}', 'UTF8'), '{"total":1.10}', '2025-03-01 12:00:01', '2025-02-28 23:00:00.5'),
  (3, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e103', 'AppStarted', NULL, '{}', '2025-03-01 12:00:01.5', NULL),
  (5, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e105', 'MailSent', NULL, '{}', '2025-03-01 12:00:02', NULL),
  (6, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e106', 'MailSent', NULL, 'null', '2025-03-01 12:00:02', NULL),
  (7, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e107', 'OrderShipped', NULL, '{}', '2025-03-01 12:00:03', NULL);
INSERT INTO event_store_events_in_streams (id, stream, position, event_id, created_at) VALUES
  (1, 'Order$1', 0, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e101', '2025-03-01 12:00:00.124'),
  (2, 'Order$1', 1, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e102', '2025-03-01 12:00:01'),
  (4, 'mails', NULL, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e106', '2025-03-01 12:00:02.000001'),
  (5, 'mails', NULL, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e105', '2025-03-01 12:00:02.000002'),
  (6, '$by_type_MailSent', NULL, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e106', '2025-03-01 12:00:02.000003'),
  (7, '$by_type_MailSent', NULL, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e105', '2025-03-01 12:00:02.000004'),
  (8, 'Order$1', 2, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e107', '2025-03-01 12:00:03'),
  (9, 'shipping', 0, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e107', '2025-03-01 12:00:03'),
  (11, 'audit', NULL, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e102', '2025-03-01 12:00:04');
SELECT setval('event_store_events_id_seq', 7), setval('event_store_events_in_streams_id_seq', 11);
