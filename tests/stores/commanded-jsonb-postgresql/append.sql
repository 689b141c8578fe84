-- What the library sends at version 2 of account-1, and to a new stream.
BEGIN;
SELECT stream_version FROM streams WHERE stream_uuid = 'account-1' AND deleted_at IS NULL;
WITH
  new_events (event_id, event_type, data, index, stream_version) AS (
    VALUES ('0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e106'::uuid, 'Elixir.Bank.Deposited', '{"amount":2}', 1, 3), ('0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e107', 'Elixir.Bank.Deposited', '{"amount":3}', 2, 4)
  ),
  events AS (
    INSERT INTO events (event_id, event_type, data, created_at)
    SELECT event_id, event_type, data::jsonb, '2025-03-02 00:00:00+00' FROM new_events
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
COMMIT;
SELECT s.stream_uuid, m.stream_version FROM stream_events AS m JOIN streams AS s USING (stream_id) WHERE m.event_id = '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e107' ORDER BY 1;
