SELECT event_position, event_id, idempotency_key, stream_context, stream_purpose, event_type, event_timestamp, event_data, event_tags
  FROM events ORDER BY event_position;
-- In the order of the library, which waits for transactions that are not over.
SELECT event_position FROM events WHERE event_tx < pg_snapshot_xmax(pg_current_snapshot()) ORDER BY event_tx, event_position;
