-- An id that two types share; a position that was rolled back; a time with an offset; a type with a "-"; data that is no JSON.
INSERT INTO events (seq, id, version, reason, type, timestamp, data, metadata) VALUES
  (1, '1', 1, 'Born', 'Person', '2025-03-01T12:00:00Z', CAST('{"name":"Zoë","age":0}' AS BLOB), NULL),
  (2, '1', 1, 'Opened', 'Account', '2025-03-01T12:00:00Z', CAST('{"amount":1.10}' AS BLOB), CAST('{"user":"anna"}' AS BLOB)),
  (3, '1', 2, 'AgedOneYear', 'Person', '2025-03-01T13:00:01+01:00', CAST('{}' AS BLOB), CAST('null' AS BLOB)),
  (5, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e001', 1, 'Born', 'Person', '2025-03-01T12:00:02Z', CAST('{"name":"Bo"}' AS BLOB), NULL),
  (6, 'x-1', 1, 'Made', 'Half-Bike', '2025-03-01T12:00:03Z', x'0AFF00', NULL),
  (7, '', 1, 'Made', '', '2025-03-01T12:00:03Z', NULL, NULL);
