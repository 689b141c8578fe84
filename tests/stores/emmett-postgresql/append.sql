-- As emt_append_to_stream does it: an append at position 3 of a stream, and one that begins a stream; then what a consumer is
-- given; it asks for transactions below pg_snapshot_xmin(pg_current_snapshot()), which others on the server would hold back here.
BEGIN;
UPDATE public.emt_streams SET stream_position = 4
  WHERE stream_id = 'shopping_cart-1' AND stream_position = 3 AND partition = 'emt:default' AND is_archived = false RETURNING stream_position;
INSERT INTO public.emt_messages (stream_id, stream_position, partition, message_data, message_metadata, message_schema_version, message_type, message_kind, message_id, transaction_id)
  VALUES ('shopping_cart-1', 4, 'emt:default', '{}', '{}', '1', 'ShoppingCartPaid', 'E', '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e110', pg_current_xact_id());
INSERT INTO public.emt_streams (stream_id, stream_position, partition, stream_type, stream_metadata, is_archived)
  VALUES ('shopping_cart-3', 1, 'emt:default', 'shopping_cart', '{}', false);
INSERT INTO public.emt_messages (stream_id, stream_position, partition, message_data, message_metadata, message_schema_version, message_type, message_kind, message_id, transaction_id)
  VALUES ('shopping_cart-3', 1, 'emt:default', '{}', '{}', '1', 'ProductItemAdded', 'E', '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e111', pg_current_xact_id());
COMMIT;
SELECT global_position, stream_id, stream_position FROM public.emt_messages
  WHERE partition = 'emt:default' AND is_archived = FALSE AND transaction_id < pg_current_xact_id() ORDER BY global_position;
