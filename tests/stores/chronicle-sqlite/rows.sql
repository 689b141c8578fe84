-- Two streams whose events take turns, so that each batch has several of one stream; a position that was rolled back; no data;
-- in SQLite data that is no JSON.
INSERT INTO chronicle_events (global_version, log_id, version, event_name, data) VALUES
  (1, 'account-1', 1, 'account/opened', CAST('{"id":"account-1","holder":"Zoë"}' AS BLOB)),
  (2, 'account-2', 1, 'account/opened', CAST('{"id":"account-2"}' AS BLOB)),
  (3, 'account-1', 2, 'account/money_deposited', CAST('{"amount":1.10}' AS BLOB)),
  (4, 'account-1', 3, 'account/money_deposited', CAST('{"amount":12345678901234567890}' AS BLOB)),
  (7, 'account-2', 2, 'account/closed', NULL),
  (8, 'Order 3/é', 1, 'made', x'0AFF00');
