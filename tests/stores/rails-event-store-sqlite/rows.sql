-- YAML and JSON in blobs; events in one stream, in several, in none; without a number in their stream, and in an order there that
-- is not the global one; a position that was rolled back; links whose rows are not in the order of their events; a valid_at.
INSERT INTO event_store_events (id, event_id, event_type, metadata, data, created_at, valid_at) VALUES
  (1, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e101', 'OrderPlaced', x'2d2d2d0a3a74696d657374616d703a20323032352d30332d30312031323a30303a30302e313233343536303030205a0a', x'2d2d2d0a3a746f74616c3a20312e31300a', '2025-03-01 12:00:00.123456', NULL),
  (2, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e102', 'OrderPaid', x'7b2275736572223a20225a6fc3ab222c2022636f7272656c6174696f6e5f6964223a22632d31227d', x'7b22746f74616c223a312e31307d', '2025-03-01 12:00:01.000000', '2025-02-28 23:00:00.500000'),
  (3, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e103', 'AppStarted', NULL, x'7b7d', '2025-03-01 12:00:01.500000', NULL),
  (5, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e105', 'MailSent', NULL, x'7b7d', '2025-03-01 12:00:02.000000', NULL),
  (6, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e106', 'MailSent', NULL, x'6e756c6c', '2025-03-01 12:00:02.000000', NULL),
  (7, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e107', 'OrderShipped', NULL, x'7b7d', '2025-03-01 12:00:03.000000', NULL);
INSERT INTO event_store_events_in_streams (id, stream, position, event_id, created_at) VALUES
  (1, 'Order$1', 0, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e101', '2025-03-01 12:00:00.124000'),
  (2, 'Order$1', 1, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e102', '2025-03-01 12:00:01.000000'),
  (4, 'mails', NULL, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e106', '2025-03-01 12:00:02.000001'),
  (5, 'mails', NULL, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e105', '2025-03-01 12:00:02.000002'),
  (6, '$by_type_MailSent', NULL, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e106', '2025-03-01 12:00:02.000003'),
  (7, '$by_type_MailSent', NULL, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e105', '2025-03-01 12:00:02.000004'),
  (8, 'Order$1', 2, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e107', '2025-03-01 12:00:03.000000'),
  (9, 'shipping', 0, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e107', '2025-03-01 12:00:03.000000'),
  (11, 'audit', NULL, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e102', '2025-03-01 12:00:04.000000');
