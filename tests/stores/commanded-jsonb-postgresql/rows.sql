-- Payloads in jsonb: a number that no double holds, JSON's null, none.
INSERT INTO streams (stream_id, stream_uuid, stream_version, created_at) VALUES (3, 'account-1', 2, '2025-03-01 11:59:59.5+00');
INSERT INTO events (event_id, event_type, data, metadata, created_at) VALUES
  ('0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e101', 'Elixir.Bank.AccountOpened', '{"owner":"Zoë","n":12345678901234567890.10}', '{"$correlation_id":"x"}', '2025-03-01 12:00:00.123456+00'),
  ('0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e102', 'Elixir.Bank.Deposited', 'null', NULL, '2025-03-01 12:00:01+00');
INSERT INTO stream_events (event_id, stream_id, stream_version, original_stream_id, original_stream_version) VALUES
  ('0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e101', 3, 1, 3, 1), ('0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e101', 0, 1, 3, 1),
  ('0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e102', 3, 2, 3, 2), ('0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e102', 0, 2, 3, 2);
UPDATE streams SET stream_version = 2 WHERE stream_id = 0;
SELECT setval('streams_stream_id_seq', 3);
