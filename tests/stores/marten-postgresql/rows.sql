-- Streams by name; a tombstone where an append failed, and a position that nobody took; an archived stream; a type that the library does not
-- know by its .NET name; a stream without a type.
INSERT INTO public.mt_streams (id, type, version, timestamp, created, is_archived) VALUES
  ('order-1', 'order', 3, '2025-03-01 12:00:03.000001+00', '2025-03-01 12:00:00.123456+00', false),
  ('mt_tombstone', NULL, 1, '2025-03-01 12:00:01+00', '2025-03-01 12:00:01+00', false),
  ('order-2', 'order', 1, '2025-03-01 12:00:02.5+00', '2025-03-01 12:00:02.5+00', true);
INSERT INTO public.mt_events (seq_id, id, stream_id, version, data, type, timestamp, mt_dotnet_type, is_archived) VALUES
  (1, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e101', 'order-1', 1, '{"amount": 1.10, "who": "Zoë"}', 'order_placed', '2025-03-01 12:00:00.123456+00', 'Shop.OrderPlaced, Shop', false),
  (2, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e102', 'order-1', 2, '{"n": 12345678901234567890}', 'item_added', '2025-03-01 12:00:00.123456+00', 'Shop.ItemAdded, Shop', false),
  (3, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e103', 'mt_tombstone', 1, '{}', 'tombstone', '2025-03-01 12:00:01+00', 'JasperFx.Events.Tombstone, JasperFx.Events', false),
  (4, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e104', 'order-2', 1, '{}', 'order_placed', '2025-03-01 12:00:02.5+00', NULL, true),
  (7, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e107', 'order-1', 3, '[]', 'order_shipped', '2025-03-01 12:00:03.000001+00', 'Shop.OrderShipped, Shop', false);
SELECT setval('public.mt_events_sequence', 7);
INSERT INTO public.mt_event_progression (name, last_seq_id) VALUES ('HighWaterMark', 7), ('Orders:All', 4);
