-- Payloads in jsonb.
INSERT INTO event_store_events (id, event_id, event_type, metadata, data, created_at, valid_at) VALUES
  (4, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e101', 'OrderPlaced', '{"types": {"at": ["Symbol", "Time"]}, "correlation_id": "c-1"}', '{"total": 1.10, "n": 12345678901234567890}', '2025-03-01 12:00:00.123456', NULL),
  (5, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e102', 'OrderPaid', NULL, 'null', '2025-03-01 12:00:01', NULL);
INSERT INTO event_store_events_in_streams (id, stream, position, event_id, created_at) VALUES
  (1, 'Order$1', 2, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e101', '2025-03-01 12:00:00.124');
SELECT setval('event_store_events_id_seq', 5), setval('event_store_events_in_streams_id_seq', 1);
