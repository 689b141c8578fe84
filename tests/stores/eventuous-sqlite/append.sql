-- An append at version 2 of Booking-1: the position of the stream is compared, and raised.
BEGIN IMMEDIATE;
INSERT INTO eventuous_messages (message_id, message_type, stream_id, stream_position, json_data, json_metadata, created)
  SELECT '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e107', 'V1.BookingCancelled', stream_id, version + 1, '{"why":"rain"}', NULL, '2025-03-02T00:00:00.0000000Z'
  FROM eventuous_streams WHERE stream_name = 'Booking-1' AND version = 2;
UPDATE eventuous_streams SET version = version + 1 WHERE stream_name = 'Booking-1' AND version = 2;
COMMIT;
SELECT global_position FROM eventuous_messages WHERE message_id = '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e107';
