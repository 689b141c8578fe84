-- Two streams whose events take turns, so that each batch has several of one stream; a position that was rolled back; data that is no JSON.
INSERT INTO chronicle_events (global_version, log_id, version, event_name, data) OVERRIDING SYSTEM VALUE VALUES
  (1, 'account-1', 1, 'account/opened', convert_to('{"id":"account-1","holder":"Zoë"}', 'UTF8')),
  (2, 'account-2', 1, 'account/opened', '\x0a0131'),
  (3, 'account-1', 2, 'account/money_deposited', '{"amount":1.10}'),
  (4, 'account-1', 3, 'account/money_deposited', '{"amount":12345678901234567890}'),
  (7, 'account-2', 2, 'account/closed', NULL),
  (8, 'Order 3/é', 1, 'made', 'null');
SELECT setval(pg_get_serial_sequence('chronicle_events', 'global_version'), 8);
