-- Streams whose ids are not in the order of their events; an id that two streams share; a position that was rolled back;
-- an event without an id.
INSERT INTO eventuous.streams (stream_id, stream_name, version) OVERRIDING SYSTEM VALUE VALUES
  (1, 'Booking-1', 2), (2, 'Payment-0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e001', 0), (5, 'Booking-2', 0), (6, 'Empty-1', -1);
INSERT INTO eventuous.messages (global_position, message_id, message_type, stream_id, stream_position, json_data, json_metadata, created) OVERRIDING SYSTEM VALUE VALUES
  (1, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e101', 'V1.PaymentRecorded', 2, 0, '{"amount":1.10,"currency":"EUR"}', '{"eventuous.correlation-id":"c-1","eventuous.causation-id":"d-1"}', '2025-03-01 12:00:00.123456'),
  (2, NULL, 'V1.RoomBooked', 1, 0, '{"guest":"Zoë"}', NULL, '2025-03-01 12:00:00.123456'),
  (3, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e103', 'V1.BookingPaid', 1, 1, '{}', '{}', '2025-03-01 12:00:01'),
  (5, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e101', 'V1.RoomBooked', 5, 0, '{"n":12345678901234567890}', NULL, '2025-03-01 12:00:02.5'),
  (6, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e106', 'V1.BookingFullyPaid', 1, 2, '{}', NULL, '2025-03-01 12:00:03.000001');
SELECT setval(pg_get_serial_sequence('eventuous.streams', 'stream_id'), 6), setval(pg_get_serial_sequence('eventuous.messages', 'global_position'), 6);
