-- An append at version 3 of a stream, one that begins a stream, one to another tenant's, and one that is stale; then what a
-- consumer is given: it asks for transactions below pg_snapshot_xmin(pg_current_snapshot()), which others on the server would
-- hold back here.
BEGIN;
SELECT success, next_stream_position, global_positions FROM public.emt_append_to_stream('{0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e110,0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e111}',
  '{"{}","{}"}', '{"{}","{}"}', '{1,1}', '{OrderPaid,OrderShipped}', '{E,E}', 'order-7c9e6679-7425-40de-944b-0000000000a0', 'order', 3, 'emt:default');
SELECT success, next_stream_position, global_positions FROM public.emt_append_to_stream('{0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e112}',
  '{"{}"}', '{"{}"}', '{1}', '{OrderPlaced}', '{E}', 'order-new', 'order', 0, 'emt:default');
SELECT success, next_stream_position, global_positions FROM public.emt_append_to_stream('{0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e113}',
  '{"{}"}', '{"{}"}', '{1}', '{OrderPaid}', '{E}', 'order-7c9e6679-7425-40de-944b-0000000000a0', 'order', 1, 'shop__berlin');
SELECT success, next_stream_position, global_positions FROM public.emt_append_to_stream('{0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e114}',
  '{"{}"}', '{"{}"}', '{1}', '{OrderLost}', '{E}', 'audit-1', 'audit', 3, 'emt:default');
COMMIT;
SELECT global_position, stream_id, stream_position FROM public.emt_messages
  WHERE partition = 'emt:default' AND is_archived = FALSE AND transaction_id < pg_current_xact_id() ORDER BY global_position;
