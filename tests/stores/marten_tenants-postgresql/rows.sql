-- Two tenants with a stream of one name; metadata of all kinds; an event in bytes beside an empty document; one that is skipped; an archived stream; a
-- position that nobody took.
INSERT INTO public.mt_streams (tenant_id, id, type, version, timestamp, created, is_archived) VALUES
  ('berlin', '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e001', 'order', 3, '2025-03-01 12:00:03.000001+00', '2025-03-01 12:00:00.123456+00', false),
  ('paris', '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e001', 'invoice', 1, '2025-03-01 12:00:00.5+00', '2025-03-01 12:00:00.5+00', false),
  ('paris', '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e002', NULL, 1, '2025-03-01 12:00:01+00', '2025-03-01 12:00:01+00', false),
  ('*DEFAULT*', '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e003', 'order', 2, '2025-03-01 12:00:04+00', '2025-03-01 12:00:02.5+00', true);
INSERT INTO public.mt_events (seq_id, id, stream_id, version, data, bdata, type, timestamp, tenant_id, mt_dotnet_type, correlation_id, causation_id, headers, user_name, is_skipped, is_archived) VALUES
  (1, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e101', '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e001', 1, '{"amount": 1.10, "who": "Zoë"}', NULL, 'order_placed', '2025-03-01 12:00:00.123456+00', 'berlin', 'Shop.OrderPlaced, Shop', 'c-1', 'd-1', '{"a": 1.50}', 'anna', false, false),
  (2, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e102', '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e001', 2, '{}', '\x00ff7b7d', 'item_added', '2025-03-01 12:00:00.123456+00', 'berlin', 'Shop.ItemAdded, Shop', NULL, NULL, NULL, NULL, false, false),
  (3, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e103', '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e001', 1, '{}', NULL, 'invoice_sent', '2025-03-01 12:00:00.5+00', 'paris', NULL, NULL, NULL, NULL, NULL, false, false),
  (4, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e104', '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e002', 1, '{"n": 12345678901234567890}', NULL, 'order_placed', '2025-03-01 12:00:01+00', 'paris', NULL, NULL, NULL, '{}', NULL, true, false),
  (5, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e105', '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e003', 1, '{}', NULL, 'order_placed', '2025-03-01 12:00:02.5+00', '*DEFAULT*', NULL, NULL, NULL, NULL, NULL, NULL, true),
  (7, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e107', '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e001', 3, '{}', NULL, 'order_shipped', '2025-03-01 12:00:03.000001+00', 'berlin', NULL, 'c-2', NULL, NULL, NULL, false, false),
  (8, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e108', '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e003', 2, '{}', NULL, 'archived', '2025-03-01 12:00:04+00', '*DEFAULT*', NULL, NULL, NULL, NULL, NULL, false, true);
SELECT setval('public.mt_events_sequence', 8);
INSERT INTO public.mt_event_progression (name, last_seq_id) VALUES ('HighWaterMark', 8);
