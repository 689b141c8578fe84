-- What the library sends at version 3 of account-1, to a new stream, and to link an event to "opened".
BEGIN;
SELECT stream_version FROM streams WHERE stream_uuid = 'account-1' AND deleted_at IS NULL;
WITH
  new_events (event_id, event_type, data, index, stream_version) AS (
    VALUES ('0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e106'::uuid, 'Elixir.Bank.Deposited', '{"amount":2}', 1, 4), ('0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e107', 'Elixir.Bank.Deposited', '{"amount":3}', 2, 5)
  ),
  events AS (
    INSERT INTO events (event_id, event_type, data, created_at)
    SELECT event_id, event_type, data::bytea, '2025-03-02 00:00:00+00' FROM new_events
  ),
  stream AS (
    UPDATE streams SET stream_version = stream_version + 2 WHERE stream_uuid = 'account-1' RETURNING stream_id
  ),
  source_stream_events AS (
    INSERT INTO stream_events (event_id, stream_id, stream_version, original_stream_id, original_stream_version)
    SELECT new_events.event_id, stream.stream_id, new_events.stream_version, stream.stream_id, new_events.stream_version FROM new_events, stream
  ),
  linked_stream AS (
    UPDATE streams SET stream_version = stream_version + 2 WHERE stream_id = 0 RETURNING stream_version - 2 AS initial_stream_version
  )
INSERT INTO stream_events (event_id, stream_id, stream_version, original_stream_id, original_stream_version)
  SELECT new_events.event_id, 0, linked_stream.initial_stream_version + new_events.index, stream.stream_id, new_events.stream_version
  FROM new_events, linked_stream, stream;
INSERT INTO streams (stream_uuid, stream_version) VALUES ('account-9', 1) RETURNING stream_uuid, stream_version;
WITH stream AS (UPDATE streams SET stream_version = stream_version + 1 WHERE stream_uuid = 'opened' RETURNING stream_id, stream_version)
INSERT INTO stream_events (stream_id, stream_version, event_id, original_stream_id, original_stream_version)
  SELECT stream.stream_id, stream.stream_version, o.event_id, o.original_stream_id, o.stream_version
  FROM stream CROSS JOIN stream_events AS o WHERE o.event_id = '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e103' AND o.stream_id = o.original_stream_id;
COMMIT;
SELECT s.stream_uuid, m.stream_version FROM stream_events AS m JOIN streams AS s USING (stream_id) WHERE m.event_id = '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e107' ORDER BY 1;
SELECT s.stream_uuid, m.stream_version FROM stream_events AS m JOIN streams AS s USING (stream_id) WHERE m.event_id = '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e103' ORDER BY 1;
