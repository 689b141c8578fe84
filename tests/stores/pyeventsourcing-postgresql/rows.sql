-- State in JSON as the transcoder writes it, and one that was compressed; a position that was rolled back.
INSERT INTO public.stored_events (originator_id, originator_version, topic, state, notification_id) VALUES
  ('0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e001', 1, 'dogschool:Dog.Registered', convert_to('{"originator_topic":"dogschool:Dog","name":"Zoë","timestamp":{"_type_":"datetime_iso","_data_":"2025-03-01T12:00:00.123456+00:00"}}', 'UTF8'), 1),
  ('0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e002', 1, 'dogschool:Dog.Registered', '\x789cab562a4a4d2c492d02000fb4038d', 2),
  ('0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e001', 2, 'dogschool:Dog.TrickAdded', convert_to('{"trick":"roll over","price":1.10,"n":12345678901234567890}', 'UTF8'), 4),
  ('0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e001', 3, 'dogschool:Dog.TrickAdded', '', 5);
SELECT setval(pg_get_serial_sequence('public.stored_events', 'notification_id'), 5);
