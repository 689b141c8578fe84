-- Streams whose ids are not in the order of their events, one named by a GUID, one of metadata, one whose name is of several blocks
-- of SHA-1; an id that two streams share; positions that were deleted.
INSERT INTO streams (id, id_original, id_internal, version, position, max_age, max_count) VALUES
  ('EA37B42B1C3B60951F13DC801405F2F50B6A0C00', 'order-1', 1, 2, 8, 3600, 10),
  ('0B7C1F0E-5a3b-4d7e-9c61-f2a4b6d8e001', '0B7C1F0E-5a3b-4d7e-9c61-f2a4b6d8e001', 2, 0, 0, NULL, NULL),
  ('$$EA37B42B1C3B60951F13DC801405F2F50B6A0C00', '$$order-1', 4, 0, 3, NULL, NULL),
  ('E157A24A5B18AA72EDA667C382685DC344F97EB2', 'warehouse/zürich/012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789', 5, 0, 5, NULL, NULL),
  ('3A6B2F0A2C8DE85A87ACD69A74E8B58B0233C7AA', '$deleted', 6, 0, 6, NULL, NULL);
INSERT INTO messages (stream_id_internal, stream_version, position, event_id, created_utc, type, json_data, json_metadata) VALUES
  (2, 0, 0, '0B7C1F0E-5A3B-4D7E-9C61-F2A4B6D8E101', '2025-03-01 12:00:00.123456', 'PaymentMade', '{"amount":1.10,"currency":"EUR"}', '{"user":"Zoë"}'),
  (1, 0, 1, '0B7C1F0E-5A3B-4D7E-9C61-F2A4B6D8E102', '2025-03-01 12:00:00.123456', 'OrderPlaced', '{}', NULL),
  (4, 0, 3, '0B7C1F0E-5A3B-4D7E-9C61-F2A4B6D8E103', '2025-03-01 12:00:01', '$stream-metadata', '{"MaxAge":3600,"MaxCount":10,"StreamId":"order-1"}', NULL),
  (1, 1, 4, '0B7C1F0E-5A3B-4D7E-9C61-F2A4B6D8E101', '2025-03-01 12:00:02.5', 'OrderPaid', '{}', '{}'),
  (5, 0, 5, '0B7C1F0E-5A3B-4D7E-9C61-F2A4B6D8E105', '2025-03-01 12:00:03', 'Stocked', '{"n":12345678901234567890}', NULL),
  (6, 0, 6, '0B7C1F0E-5A3B-4D7E-9C61-F2A4B6D8E106', '2025-03-01 12:00:04', '$message-deleted', '{"StreamId":"order-2","MessageId":"0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e177"}', NULL),
  (1, 2, 8, '0B7C1F0E-5A3B-4D7E-9C61-F2A4B6D8E108', '2025-03-01 12:00:05.000001', 'OrderShipped', '{}', NULL);
