-- As the quick append does it: at version 3 of a tenant's stream.
BEGIN;
UPDATE public.mt_streams SET version = 4, timestamp = now()
  WHERE id = '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e001' AND version = 3 AND tenant_id = 'berlin' AND is_archived = FALSE RETURNING version;
INSERT INTO public.mt_events (seq_id, id, stream_id, version, data, type, tenant_id)
  VALUES (nextval('public.mt_events_sequence'), '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e109', '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e001', 4, '{}', 'order_paid', 'berlin')
  RETURNING seq_id;
COMMIT;
