-- An append at version 2 of Booking-1, and one that begins a stream.
BEGIN;
INSERT INTO eventuous.messages (message_id, message_type, stream_id, stream_position, json_data, created)
  SELECT '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e107', 'V1.BookingCancelled', stream_id, version + 1, '{"why":"rain"}', '2025-03-02'
  FROM eventuous.streams WHERE stream_name = 'Booking-1' AND version = 2;
UPDATE eventuous.streams SET version = version + 1 WHERE stream_name = 'Booking-1' AND version = 2;
INSERT INTO eventuous.streams (stream_name, version) VALUES ('Booking-3', 0);
INSERT INTO eventuous.messages (message_id, message_type, stream_id, stream_position, json_data, created)
  SELECT '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e108', 'V1.RoomBooked', stream_id, 0, '{}', '2025-03-02' FROM eventuous.streams WHERE stream_name = 'Booking-3';
COMMIT;
SELECT stream_name, stream_position, global_position FROM eventuous.messages JOIN eventuous.streams USING (stream_id) WHERE created = '2025-03-02' ORDER BY 1;
