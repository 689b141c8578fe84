SELECT m.global_position, s.stream_name, m.stream_position, m.message_id, m.message_type, m.json_data, m.json_metadata, m.created
  FROM eventuous.messages AS m JOIN eventuous.streams AS s USING (stream_id) ORDER BY m.global_position;
SELECT stream_name, version FROM eventuous.streams WHERE version >= 0 ORDER BY stream_name;
