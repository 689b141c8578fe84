-- Positions that were rolled back; a transaction that began first and has the later position; a command; an archived stream; a tenant;
-- a stream of no type.
INSERT INTO public.emt_streams (stream_id, stream_position, partition, stream_type, stream_metadata, is_archived) VALUES
  ('shopping_cart-1', 3, 'emt:default', 'shopping_cart', '{}', false), ('shopping_cart-2', 1, 'emt:default', 'shopping_cart', '{}', true),
  ('inbox', 1, 'emt:default', 'emt:unknown', '{}', false), ('shopping_cart-0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e001', 1, 'shop__berlin', 'shopping_cart', '{}', false);
INSERT INTO public.emt_messages (global_position, transaction_id, stream_id, stream_position, message_id, message_type, message_kind, created, partition, message_schema_version, is_archived, message_data, message_metadata) VALUES
  (1, '5', 'shopping_cart-1', 1, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e101', 'ProductItemAdded', 'E', '2025-03-01 12:00:00.123456+00', 'emt:default', '1', false, '{"price": 1.10}', '{"correlationId": "c-1"}'),
  (2, '5', 'shopping_cart-1', 2, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e102', 'ProductItemAdded', 'E', '2025-03-01 12:00:00.123456+00', 'emt:default', '1', false, '{"n": 12345678901234567890}', '{}'),
  (4, '7', 'shopping_cart-2', 1, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e104', 'ShoppingCartCancelled', 'E', '2025-03-01 12:00:01+00', 'emt:default', '1', true, '{"who": "Zoë"}', '{}'),
  (5, '6', 'inbox', 1, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e105', 'Remind', 'C', '2025-03-01 12:00:02.5+00', 'emt:default', '1', false, '[]', '{}'),
  (6, '8', 'shopping_cart-0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e001', 1, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e106', 'ProductItemAdded', 'E', '2025-03-01 12:00:03+00', 'shop__berlin', '1', false, '{}', '{}'),
  (9, '8', 'shopping_cart-1', 3, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e109', 'ShoppingCartConfirmed', 'E', '2025-03-01 12:00:04+00', 'emt:default', '1', false, '{}', '{}');
SELECT setval('public.emt_global_message_position', 9);
