-- An id that two types share; a type with a "-"; types that a dictionary sorts in another order than their bytes; JSON kept as it was
-- written; an event of an older version.
INSERT INTO events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata) VALUES
  ('account', '1', 1, 'AccountOpened', '1.0', '{"AccountOpened": {"name":"Zoë"}}', '{}'),
  ('Customer', 'previous_event_in_need_of_upcast', 1, 'NameAdded', '0.9', '{"NameAdded": {}}', '{}'),
  ('account', '1', 2, 'MoneyDeposited', '1.0', '{"amount":1.10, "amount":12345678901234567890}', '{"time":"2025-03-01T12:00:00.123456789Z"}'),
  ('Customer', '1', 1, 'NameAdded', '1.0', 'null', 'null'),
  ('account', '1', 3, 'MoneyDeposited', '1.0', '{"b":1,"a":"\u0000"}', '{"correlation_id":"c-1"}'),
  ('half-bike', 'x-1', 1, 'Made', '1.0', '[]', '{}'),
  ('', 'x', 1, 'Made', '1.0', '{}', '{}');
