-- What append_to_stream does: at version 2 of order-1, and for a stream that is not there.
BEGIN;
SELECT version, position FROM streams WHERE id = 'EA37B42B1C3B60951F13DC801405F2F50B6A0C00';
INSERT INTO messages (message_id, stream_id_internal, stream_version, created_utc, type, json_data)
  SELECT '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e109', id_internal, version + 1, '2025-03-02', 'OrderClosed', '{}' FROM streams WHERE id = 'EA37B42B1C3B60951F13DC801405F2F50B6A0C00' AND version = 2
  RETURNING stream_version, position;
UPDATE streams SET version = m.stream_version, position = m.position FROM (SELECT stream_id_internal, stream_version, position FROM messages ORDER BY position DESC LIMIT 1) AS m
  WHERE id = 'EA37B42B1C3B60951F13DC801405F2F50B6A0C00' AND id_internal = m.stream_id_internal;
INSERT INTO streams (id, id_original) VALUES ('6C4EF30237D16B1929833370603E2FFDC246503E', 'order-9') RETURNING version, position;
INSERT INTO streams (id, id_original) VALUES ('3A6B2F0A2C8DE85A87ACD69A74E8B58B0233C7AA', '$deleted') ON CONFLICT DO NOTHING RETURNING id;
COMMIT;
SELECT version, position FROM streams WHERE id = 'EA37B42B1C3B60951F13DC801405F2F50B6A0C00';
SELECT json_data FROM messages AS m JOIN streams AS s ON s.id_internal = m.stream_id_internal WHERE s.id = '$$' || 'EA37B42B1C3B60951F13DC801405F2F50B6A0C00';
