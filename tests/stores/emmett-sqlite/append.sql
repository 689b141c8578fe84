-- As the library does it: an append at position 3 of a stream and one behind a hole, whose rows it finds by a text that is no
-- partition; one that begins a stream; then what a consumer is given.
UPDATE emt_streams SET stream_position = stream_position + 1
  WHERE stream_id = 'order-7c9e6679-7425-40de-944b-0000000000a0' AND partition = '[object Object]' AND is_archived = false RETURNING stream_position;
INSERT INTO emt_messages (stream_id, stream_position, partition, message_kind, message_data, message_metadata, message_schema_version, message_type, message_id, is_archived)
  VALUES ('order-7c9e6679-7425-40de-944b-0000000000a0', '4', 'emt:default', 'E', '{}', '{}', '3', 'OrderPaid', '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e110', false)
  RETURNING CAST(global_position AS VARCHAR);
UPDATE emt_streams SET stream_position = stream_position + 1
  WHERE stream_id = 'hole-1' AND partition = '[object Object]' AND is_archived = false RETURNING stream_position;
INSERT INTO emt_messages (stream_id, stream_position, partition, message_kind, message_data, message_metadata, message_schema_version, message_type, message_id, is_archived)
  VALUES ('hole-1', '4', 'emt:default', 'E', '{}', '{}', '3', 'Next', '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e111', false)
  RETURNING CAST(global_position AS VARCHAR);
INSERT INTO emt_streams (stream_id, stream_position, partition, stream_type, stream_metadata, is_archived)
  VALUES ('order-new', 1, '[object Object]', 'order', '[]', false) RETURNING stream_position;
INSERT INTO emt_messages (stream_id, stream_position, partition, message_kind, message_data, message_metadata, message_schema_version, message_type, message_id, is_archived)
  VALUES ('order-new', '1', 'emt:default', 'E', '{}', '{}', '0', 'OrderPlaced', '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e112', false)
  RETURNING CAST(global_position AS VARCHAR);
SELECT global_position, stream_id, stream_position, message_type FROM emt_messages
  WHERE partition = 'emt:default' AND is_archived = false ORDER BY global_position;
