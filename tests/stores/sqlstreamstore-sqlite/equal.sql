SELECT m.position, s.id_original, m.stream_version, m.event_id, m.type, m.created_utc, m.json_metadata, m.json_data, typeof(created_utc), typeof(json_data)
  FROM messages AS m JOIN streams AS s ON s.id_internal = m.stream_id_internal ORDER BY m.position;
SELECT id, id_original, version, position, max_age, max_count FROM streams ORDER BY id_original;
