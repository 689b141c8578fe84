-- Ids without dashes, and one that is no UUID; state in JSON, and one that was compressed; rows that are gone.
INSERT INTO stored_events (rowid, originator_id, originator_version, topic, state) VALUES
  (1, '0b7c1f0e5a3b4d7e9c61f2a4b6d8e001', 1, 'dogschool:Dog.Registered', CAST('{"originator_topic":"dogschool:Dog","name":"Zoë","timestamp":{"_type_":"datetime_iso","_data_":"2025-03-01T12:00:00.123456+00:00"}}' AS BLOB)),
  (2, '0b7c1f0e5a3b4d7e9c61f2a4b6d8e002', 1, 'dogschool:Dog.Registered', x'789cab562a4a4d2c492d02000fb4038d'),
  (4, '0b7c1f0e5a3b4d7e9c61f2a4b6d8e001', 2, 'dogschool:Dog.TrickAdded', CAST('{"trick":"roll over","price":1.10,"n":12345678901234567890}' AS BLOB)),
  (5, 'dog-7', 1, 'dogschool:Dog.Registered', x''),
  (7, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e009', 1, 'dogschool:Dog.Registered', CAST('{}' AS BLOB));
