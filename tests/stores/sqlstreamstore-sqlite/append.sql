-- What the library does at version 2 of order-1, and for a stream that is not there.
BEGIN IMMEDIATE;
SELECT version, position FROM streams WHERE id = 'EA37B42B1C3B60951F13DC801405F2F50B6A0C00';
INSERT INTO messages (event_id, stream_id_internal, position, stream_version, created_utc, type, json_data, json_metadata)
  SELECT '0B7C1F0E-5A3B-4D7E-9C61-F2A4B6D8E109', streams.id_internal, (SELECT max(position) + 1 FROM messages), version + 1, '2025-03-02 00:00:00', 'OrderClosed', '{}', NULL FROM streams
  WHERE streams.id = 'EA37B42B1C3B60951F13DC801405F2F50B6A0C00' AND version = 2;
UPDATE streams SET version = 3, position = (SELECT max(position) FROM messages) WHERE streams.id = 'EA37B42B1C3B60951F13DC801405F2F50B6A0C00';
INSERT INTO streams (id, id_original) VALUES ('6C4EF30237D16B1929833370603E2FFDC246503E', 'order-9') RETURNING version, position;
COMMIT;
SELECT version, position FROM streams WHERE id_original = 'order-1';
SELECT position, stream_version FROM messages WHERE event_id = '0B7C1F0E-5A3B-4D7E-9C61-F2A4B6D8E109';
