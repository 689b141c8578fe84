-- A position that was rolled back; names with more than one dash, a + and a type of category; no data; no metadata;
-- a cause that is a stream and positions.
INSERT INTO message_store.messages (global_position, position, time, stream_name, type, data, metadata, id) VALUES
  (1, 0, '2025-03-01 12:00:00.123456', 'account:command-0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e001', 'Deposit', '{"amount": 1.10}', '{"correlationStreamName": "fundsTransfer-1", "replyStreamName": "x-1"}', '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e101'),
  (2, 0, '2025-03-01 12:00:00.123456', 'account-0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e001+2', 'Deposited', '{"amount": 1.10, "n": 12345678901234567890}', '{"causationMessageStreamName": "account:command-0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e001", "causationMessagePosition": 0, "causationMessageGlobalPosition": 1, "schemaVersion": "2", "properties": {"a": "Zoë"}}', '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e102'),
  (4, 1, '2025-03-01 12:00:01', 'account-0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e001+2', 'Closed', NULL, NULL, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e104'),
  (5, 0, '2025-02-28 23:59:59.9', 'plain', 'Noted', '[]', NULL, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e105');
SELECT setval('message_store.messages_global_position_seq', 5);
