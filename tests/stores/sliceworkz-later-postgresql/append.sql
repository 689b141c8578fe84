-- An append that holds if nothing of customer 1 came behind the event that was read last.
INSERT INTO events (event_id, idempotency_key, stream_context, stream_purpose, event_type, event_data, event_tags)
  SELECT * FROM (VALUES ('0198a1f4-0000-7000-8000-000000000008'::uuid, 'k-2', 'customer', 'billing', 'InvoicePaid', '{}'::jsonb, '{customer:1}'::text[])) AS new_events
  WHERE (SELECT event_position FROM events
         WHERE (event_tx, event_position) > (SELECT event_tx, event_position FROM events WHERE event_id = '0198a1f4-0000-7000-8000-000000000002')
           AND event_tags @> ARRAY['customer:1'] ORDER BY event_tx, event_position LIMIT 1) IS NULL;
SELECT event_position, event_type FROM events WHERE event_tx < pg_snapshot_xmax(pg_current_snapshot()) ORDER BY event_tx, event_position;
