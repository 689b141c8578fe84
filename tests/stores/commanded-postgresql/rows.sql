-- Streams whose ids are not in the order of their events; JSON and a term of Erlang in bytea; no metadata; a position of a stream
-- that was deleted for good; a stream that was soft-deleted; links, one made before an earlier event was linked, and a stream that has both.
INSERT INTO streams (stream_id, stream_uuid, stream_version, created_at, deleted_at) VALUES
  (1, 'account-1', 3, '2025-03-01 11:59:59.5+00', NULL), (2, 'transfer-0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e001', 1, '2025-03-01 12:00:00+00', NULL),
  (4, 'account-2', 1, '2025-03-01 12:00:01+00', '2025-03-01 13:00:00.25+00'), (5, 'opened', 2, '2025-03-01 12:30:00+00', NULL),
  (6, 'gone', 1, '2025-03-01 12:31:00+00', '2025-03-01 12:32:00+00');
INSERT INTO events (event_id, event_type, causation_id, correlation_id, data, metadata, created_at) VALUES
  ('0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e101', 'Elixir.Bank.TransferStarted', NULL, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8ec01', '{"amount": 1.10}', '{}', '2025-03-01 12:00:00.123456+00'),
  ('0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e102', 'Elixir.Bank.AccountOpened', '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8ed01', '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8ec01', convert_to('{"owner":"Zoë"}', 'UTF8'), '{"user":"anna"}', '2025-03-01 12:00:00.123456+00'),
  ('0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e103', 'Elixir.Bank.AccountOpened', NULL, NULL, '\x836400016f6b00ff', NULL, '2025-03-01 12:00:01+00'),
  ('0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e105', 'Elixir.Bank.Deposited', NULL, NULL, 'null', '', '2025-03-01 12:00:02.5+00');
INSERT INTO stream_events (event_id, stream_id, stream_version, original_stream_id, original_stream_version) VALUES
  ('0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e101', 2, 1, 2, 1), ('0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e101', 0, 1, 2, 1),
  ('0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e102', 1, 1, 1, 1), ('0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e102', 0, 2, 1, 1),
  ('0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e103', 4, 1, 4, 1), ('0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e103', 0, 3, 4, 1),
  ('0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e105', 1, 3, 1, 3), ('0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e105', 0, 5, 1, 3),
  ('0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e105', 5, 1, 1, 3), ('0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e102', 5, 2, 1, 1),
  ('0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e101', 1, 2, 2, 1), ('0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e102', 6, 1, 1, 1);
UPDATE streams SET stream_version = 5 WHERE stream_id = 0;
SELECT setval('streams_stream_id_seq', 6);
