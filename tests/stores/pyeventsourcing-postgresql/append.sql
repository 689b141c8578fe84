-- An append of version 4, for which the aggregate was read at version 3, and one that begins an aggregate.
BEGIN;
LOCK TABLE public.stored_events IN EXCLUSIVE MODE;
INSERT INTO public.stored_events (originator_id, originator_version, topic, state) VALUES
  ('0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e001', 4, 'dogschool:Dog.TrickAdded', convert_to('{"trick":"fetch"}', 'UTF8')),
  ('0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e003', 1, 'dogschool:Dog.Registered', convert_to('{"name":"Rex"}', 'UTF8'))
  RETURNING notification_id;
COMMIT;
SELECT originator_id, originator_version, notification_id FROM public.stored_events ORDER BY 3;
