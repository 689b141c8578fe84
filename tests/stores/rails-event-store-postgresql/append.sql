-- An append to Order$1 at its last position, and a link of that event without a number.
BEGIN;
SELECT position FROM event_store_events_in_streams WHERE stream = 'Order$1' ORDER BY position DESC LIMIT 1;
INSERT INTO event_store_events (event_id, data, metadata, event_type, created_at, valid_at)
  VALUES ('0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e109', '{}', NULL, 'OrderClosed', '2025-03-02', NULL) RETURNING id;
INSERT INTO event_store_events_in_streams (stream, position, event_id, created_at) VALUES
  ('Order$1', 3, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e109', '2025-03-02'), ('audit', NULL, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e109', '2025-03-02') RETURNING id;
COMMIT;
SELECT e.id, e.event_type FROM event_store_events_in_streams AS s JOIN event_store_events AS e USING (event_id) WHERE s.stream IN ('audit', 'mails') ORDER BY s.id;
