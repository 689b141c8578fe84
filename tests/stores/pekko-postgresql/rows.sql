-- Cart|2 was deleted up to its last event, which stays so that its number is not given again; an ordering that was rolled back; a
-- manifest that is empty; tags, and metadata of a replicated event.
INSERT INTO event_journal (ordering, persistence_id, sequence_number, deleted, writer, write_timestamp, adapter_manifest, event_ser_id, event_ser_manifest, event_payload, meta_ser_id, meta_ser_manifest, meta_payload) VALUES
  (2, 'Cart|1', 1, false, '1d1b0e5c-7a52-4d5f-8f0a-000000000001', 1740830400123, '', 31, 'shop.ItemAdded', convert_to('{"item":"Zoë","price":1.10}', 'UTF8'), NULL, NULL, NULL),
  (4, 'Cart|2', 3, true, '1d1b0e5c-7a52-4d5f-8f0a-000000000001', 1740830400124, '', 31, 'shop.CheckedOut', convert_to('{}', 'UTF8'), NULL, NULL, NULL),
  (5, 'Cart|1', 2, false, '1d1b0e5c-7a52-4d5f-8f0a-000000000002', 1740830401000, 'v2', 33, 'shop.ItemAdded#2', '\xa1616e01', NULL, NULL, NULL),
  (7, 'Cart|1', 3, false, '1d1b0e5c-7a52-4d5f-8f0a-000000000002', 1740830402000, '', 20, '', convert_to('checked out', 'UTF8'), 36, 'RM', '\x0a017812001a00'),
  (8, 'Greeter', 1, false, '1d1b0e5c-7a52-4d5f-8f0a-000000000003', 1740830403999, NULL, 31, 'shop.Greeted', convert_to('{"who":null}', 'UTF8'), NULL, NULL, NULL);
INSERT INTO event_tag (event_id, persistence_id, sequence_number, tag) VALUES
  (2, 'Cart|1', 1, 'shard-1'), (2, 'Cart|1', 1, 'Carts'), (4, 'Cart|2', 3, 'Carts'), (7, 'Cart|1', 3, 'checked, out');
SELECT setval('event_journal_ordering_seq', 8);
