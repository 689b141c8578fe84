-- An actor asks for its highest number, deleted or not, and goes on behind it; tags refer to the event by its ordering, too.
BEGIN;
INSERT INTO event_journal (persistence_id, sequence_number, deleted, writer, write_timestamp, adapter_manifest, event_ser_id, event_ser_manifest, event_payload)
  SELECT 'Cart|2', max(sequence_number) + 1, false, 'w', 1740900000000, '', 31, 'shop.ItemAdded', '\x7b7d' FROM event_journal WHERE persistence_id = 'Cart|2';
INSERT INTO event_tag (event_id, persistence_id, sequence_number, tag)
  SELECT ordering, persistence_id, sequence_number, 'Carts' FROM event_journal WHERE write_timestamp = 1740900000000;
COMMIT;
SELECT ordering, persistence_id, sequence_number FROM event_journal WHERE write_timestamp = 1740900000000;
SELECT j.ordering FROM event_journal AS j JOIN event_tag AS t ON t.event_id = j.ordering WHERE t.tag = 'Carts' ORDER BY 1;
