-- As the quick append does it: at version 3 of a stream, and one that begins a stream; then the numbers that the daemon would wait for.
BEGIN;
UPDATE public.mt_streams SET version = 4, timestamp = now() WHERE id = 'order-1' AND version = 3 AND tenant_id = '*DEFAULT*' RETURNING version;
INSERT INTO public.mt_events (seq_id, id, stream_id, version, data, type, mt_dotnet_type, tenant_id)
  VALUES (nextval('public.mt_events_sequence'), '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e108', 'order-1', 4, '{}', 'order_paid', 'Shop.OrderPaid, Shop', '*DEFAULT*')
  RETURNING seq_id;
INSERT INTO public.mt_streams (id, type, version, tenant_id) VALUES ('order-3', 'order', 1, '*DEFAULT*');
INSERT INTO public.mt_events (seq_id, id, stream_id, version, data, type, mt_dotnet_type, tenant_id)
  VALUES (nextval('public.mt_events_sequence'), '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e109', 'order-3', 1, '{}', 'order_placed', 'Shop.OrderPlaced, Shop', '*DEFAULT*')
  RETURNING seq_id;
COMMIT;
SELECT n FROM generate_series((SELECT last_seq_id FROM public.mt_event_progression WHERE name = 'HighWaterMark'), (SELECT last_value FROM public.mt_events_sequence)) AS n
  WHERE NOT EXISTS (SELECT 1 FROM public.mt_events WHERE seq_id = n);
